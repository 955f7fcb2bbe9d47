"""Each reading of an open question changes what it says and nothing else."""

import ast
import re
from dataclasses import asdict, replace
from typing import get_args, get_type_hints

import numpy as np
import pytest
import torch
from batches import random_batch
from small import SMALL

from vcemo_lib.models.attention import SGA, CoAttention
from vcemo_lib.models.encoders import adaptive_time_pool
from vcemo_lib.models.fusion import Fusion, Sequence
from vcemo_lib.models.modalities import encode
from vcemo_lib.models.vcemo import VcemoModel
from vcemo_lib.paths import ROOT
from vcemo_lib.readings import reading_table
from vcemo_lib.recipes import PAPER_VCEMO, Recipe
from vcemo_lib.training.losses import cross_entropy
from vcemo_lib.training.run import fit
from vcemo_lib.training.sampling import draw_batches, draw_views
from vcemo_lib.training.trainer import Trainer


def switches():
    """The name of a question, such as "A13", and the recipe fields that make another reading, for each that is one."""
    column = reading_table()["switch"]
    return [(name, fields_of(one)) for name, text in column.items() if text != "–" for one in text.split("; ")]


def fields_of(text):
    """`d=128, head='parallel'` as a dict."""
    call = ast.parse(f"dict({text})", mode="eval").body
    return {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}


def flat(recipe):
    parts = asdict(recipe)
    features = parts.pop("features")
    return {**parts.pop("model"), **features.pop("mel"), **features.pop("augmentation"), **features, **parts}


@pytest.mark.parametrize(("name", "change"), switches(), ids=lambda v: str(v))
def test_a_switch_changes_its_fields_and_no_other_and_makes_another_record(name, change):
    before, after = flat(PAPER_VCEMO), flat(PAPER_VCEMO.but(**change))
    assert {field for field in before if before[field] != after[field]} == set(change)
    assert PAPER_VCEMO.but(**change).key != PAPER_VCEMO.key


def test_the_list_has_every_question_once_and_the_library_names_no_other():
    table = reading_table()
    assert list(table.index) == [f"A{number}" for number in range(1, 45)]
    assert set(table["sure"]) <= {"high", "medium", "low", "choice"}
    assert not (table == "").any(axis=None)
    files = [path.read_text(encoding="utf-8") for path in (ROOT / "vcemo_lib").rglob("*.py")]
    assert {int(n) for text in files for n in re.findall(r"\bA(\d{1,2})\b", text)} <= set(range(1, 45))


@pytest.mark.parametrize(
    "field", ["views", "moco", "reduction", "step_unit", "batch_of", "imbalance", "schedule", "head", "align"]
)
def test_a_word_that_is_no_reading_is_refused(field):
    with pytest.raises(ValueError, match=f"{field}='other' is unknown; use one of"):
        PAPER_VCEMO.but(**{field: "other"})


# ---- the model's readings


def built(config, seed=0):
    torch.manual_seed(seed)
    model = VcemoModel(config).train()
    model(random_batch(seed=9))
    return model.eval()


def test_a12_the_guide_asks_and_is_answered_in_its_own_length():
    torch.manual_seed(0)
    unit = SGA(16, 2, 24, 0.0, "guide_asks").eval()
    y, guide = torch.randn(2, 3, 16), torch.randn(2, 5, 16)
    mask, guide_mask = torch.ones(2, 3, dtype=torch.bool), torch.ones(2, 5, dtype=torch.bool)
    mask[1, 2] = False
    out, attention = unit(y, guide, mask, guide_mask, keep_map=True)
    inner = unit.add1(y, unit.attend(y, y, mask)[0])
    asked = unit.add2(guide, unit.look(guide, inner, mask)[0])
    torch.testing.assert_close(out, unit.add3(asked, unit.feed(asked)))
    assert attention.shape == (2, 2, 5, 3)
    assert (attention[1, :, :, 2] == 0).all()
    layer = CoAttention(16, 2, 24, 2, 0.0, direction="guide_asks").eval()
    assert layer(guide, y, guide_mask, mask)[1].shape == guide.shape
    plain = CoAttention(16, 2, 24, 2, 0.0)
    assert [p.shape for p in layer.parameters()] == [p.shape for p in plain.parameters()]  # no weight more or less


def test_a13_both_guide_each_other_by_weights_of_their_own():
    model, words, audio = built(replace(SMALL, guide1="both")), built(SMALL), built(replace(SMALL, guide1="audio"))
    fusion, batch = model.fusion1, random_batch()
    first, second = (encode(name, model.encoders[name], batch) for name in ("words", "audio"))
    fused = fusion(first, second, keep_maps=True)
    audio_by_words = fusion.coattention(first.x, second.x, first.mask, second.mask)[1]
    words_by_audio = fusion.back(second.x, first.x, second.mask, first.mask)[1]
    padded = torch.zeros_like(audio_by_words)
    padded[:, : words_by_audio.shape[1]] = words_by_audio * first.mask[..., None]
    torch.testing.assert_close(fused.x, padded + audio_by_words)
    assert {"audio_by_words", "words_by_audio"} <= set(fused.maps)
    n = [sum(p.numel() for p in m.fusion1.parameters()) for m in (model, words, audio)]
    assert n[0] == 2 * n[1] == 2 * n[2]


def aligned(how):
    fusion = Fusion(replace(SMALL, align=how, n_layers=1), "add", "first")
    x, y = (
        torch.arange(1.0, 3)[None, :, None].expand(1, 2, 16),
        torch.arange(10.0, 50, 10)[None, :, None].expand(1, 4, 16),
    )
    words = Sequence("words", x, torch.tensor([[True, True]]))
    out = fusion._joined(words, Sequence("audio", y, torch.ones(1, 4, dtype=torch.bool)))
    return out.x[0, :, 0].tolist(), out.mask[0].tolist()


def test_a11_three_ways_to_one_length_by_hand():
    assert aligned("pad") == ([11, 22, 30, 40, 0], [True] * 4 + [False])
    both = [
        adaptive_time_pool(torch.tensor(v)[None, :, None], torch.ones(1, len(v), dtype=torch.bool), 5)[0][0, :, 0]
        for v in ([1.0, 2.0], [10.0, 20.0, 30.0, 40.0])
    ]
    assert aligned("stretch") == ((both[0] + both[1]).tolist(), [True] * 5)
    assert aligned("pool") == ([1.5 + 25.0], [True])


def test_a10_the_two_layer_predictor_leaves_the_projector_to_supcon():
    model, batch = built(replace(SMALL, head="two_layer")), random_batch()
    out = model(batch)
    out.logits.sum().backward()
    assert model.head.projector.weight.grad is None
    first, relu, second = model.head.predictor
    assert (first.out_features, second.out_features) == (16, 4)
    assert isinstance(relu, torch.nn.ReLU)
    h = model.head.projector
    assert h.out_features == 8
    assert out.h.shape == (4, 8)


# ---- the training's readings


IDS = [f"u{i}" for i in range(40)]
EMOTIONS = ["happy"] * 36 + ["sad"] * 4
LENGTHS = np.arange(40)


def rng():
    return np.random.default_rng(0)


def test_a26_a_batch_of_views_holds_half_as_many_utterances(small):
    sizes = {}
    for unit in ("utterances", "views"):
        for alpha in (0.0, 0.1):
            batches = draw_batches(IDS, LENGTHS, EMOTIONS, small.but(batch_of=unit, alpha=alpha), rng())
            sizes[unit, alpha] = {len(batch) for batch in batches}
            assert len({i for batch in batches for i in batch}) == sum(map(len, batches)) == 40
    assert sizes == {("utterances", 0.0): {8}, ("utterances", 0.1): {8}, ("views", 0.0): {8}, ("views", 0.1): {4}}


def test_a25_which_recording_each_view_reads(small):
    recipe, ids = small.but(copies=3, alpha=0.1), IDS[:20]
    rows, copies, keys = draw_views(ids, recipe, rng())
    assert rows == ids + ids
    assert not copies[:20].any()
    assert (copies[20:] > 0).all()
    assert (keys == copies[20:]).all()
    rows, copies, keys = draw_views(ids, recipe.but(views="dropout"), rng())
    assert rows == ids + ids
    assert not copies.any()
    assert not keys.any()
    rows, copies, keys = draw_views(ids, recipe.but(views="keys"), rng())
    assert rows == ids
    assert not copies.any()
    assert (keys > 0).all()
    rows, copies, keys = draw_views(ids, recipe.but(views="one"), rng())
    assert rows == ids
    assert (keys == copies).all()
    assert 0 < (copies == 0).sum() < 20


def test_a32_fifty_updates_are_fifty_optimiser_steps(store, split, small, monkeypatch):
    steps = []
    monkeypatch.setattr(Trainer, "step", lambda self, batch, keys: (steps.append(len(batch)), {"loss": 0.0})[1])
    run = fit(store, split, small.but(step_unit="updates", epochs=8))
    whole = len(split.train) // small.batch_size
    assert len(steps) == 8
    assert [line["updates"] for line in run.history] == [whole, 8 - whole]
    steps.clear()
    fit(store, split, small.but(epochs=2))
    assert len(steps) == 2 * whole


def test_a35_remedies_against_rare_classes(store, split, small):
    torch.manual_seed(0)
    logits, labels = torch.randn(6, 3), torch.tensor([0, 0, 0, 0, 1, 2])
    p = logits.softmax(1)[torch.arange(6), labels]
    torch.testing.assert_close(cross_entropy(logits, labels), -p.log().mean())
    torch.testing.assert_close(cross_entropy(logits, labels, "focal"), (-((1 - p) ** 2) * p.log()).mean())
    spread = 0.9 * -p.log() + 0.1 * -logits.log_softmax(1).mean(1)
    torch.testing.assert_close(cross_entropy(logits, labels, smoothing=0.1), spread.mean())
    weights = torch.tensor([0.5, 2.0, 2.0])
    for name in get_args(get_type_hints(Recipe)["imbalance"]):
        changes = not torch.equal(cross_entropy(logits, labels, name, weights), cross_entropy(logits, labels))
        assert changes == (name not in ("none", "sampler")), f"{name} has no formula"
    each = weights[labels]
    torch.testing.assert_close(cross_entropy(logits, labels, "weights", weights), (-p.log() * each).sum() / each.sum())
    drawn = [
        i
        for seed in range(30)
        for batch in draw_batches(IDS, LENGTHS, EMOTIONS, small.but(imbalance="sampler"), np.random.default_rng(seed))
        for i in batch
    ]
    assert np.mean([int(i[1:]) >= 36 for i in drawn]) == pytest.approx(0.5, abs=0.05)


def test_a35_class_weights_come_from_the_training_part_alone(store, split, small):
    emotion = store.corpus.frame.set_index("id")["emotion"]
    weights = Trainer(store, split, small, 0).class_weights
    counts = emotion.loc[list(split.train)].value_counts()
    for k, name in enumerate(("angry", "fear", "happy", "neutral", "sad", "surprise")):
        assert float(weights[k]) == pytest.approx(len(split.train) / (6 * max(counts.get(name, 0), 1)))
    test = store.corpus.frame["id"].isin(split.test)
    before = store.corpus.frame.loc[test, "emotion"].copy()
    try:
        store.corpus.frame.loc[test, "emotion"] = "fear"
        assert torch.equal(Trainer(store, split, small, 0).class_weights, weights)
    finally:
        store.corpus.frame.loc[test, "emotion"] = before


def test_a23_the_released_scale_reaches_the_training_loss(store, split, small):
    few = replace(split, train=split.train[:8])
    recipe = small.but(alpha=0.1, epochs=1, temperature=0.7, dropout=0.0)
    plain, scaled = (fit(store, few, recipe.but(reference_scale=s)).history[0] for s in (False, True))
    assert scaled["supcon"] == pytest.approx(10 * plain["supcon"], rel=1e-4)
    assert scaled["ce"] == pytest.approx(plain["ce"])
