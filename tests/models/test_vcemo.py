"""The VCEMO model: masks, readings (ModelConfig fields), ablations, attention maps."""

from dataclasses import replace
from itertools import combinations

import pytest
import torch
import torch.nn.functional as F
from batches import alone, padded_with, random_batch
from small import SMALL

from vcemo_lib.config import MODALITIES, ModelConfig
from vcemo_lib.models.attention import SA, SGA
from vcemo_lib.models.fusion import Fusion, Sequence
from vcemo_lib.models.vcemo import VcemoModel

READINGS = [
    {"guide1": "audio"}, {"guide2": "bert"}, {"cascade": "stacking"}, {"fuse1": "concat"}, {"fuse2": "add"},
    {"order": "bert_first"}, {"pooling": "mean"}, {"pooling": "bert"}, {"head": "parallel"},
    {"order": "bert_first", "fuse1": "concat", "fuse2": "add"}, {"order": "bert_first", "guide1": "audio"},
    {"order": "bert_first", "guide2": "bert"}, {"fuse1": "concat", "fuse2": "add"}, {"statistics": 3},
]  # fmt: skip
SUBSETS = [subset for n in (1, 2, 3) for subset in combinations(MODALITIES, n)]


def built(config, seed=0):
    """A model in eval mode whose BatchNorm statistics have seen data."""
    torch.manual_seed(seed)
    model = VcemoModel(config).train()
    model(random_batch(seed=9))
    return model.eval()


def assert_padding_and_company_change_nothing(model, batch):
    logits = model(batch).logits
    torch.testing.assert_close(model(padded_with(batch, 0.0)).logits, logits, rtol=0, atol=1e-5)
    torch.testing.assert_close(model(padded_with(batch, 50.0)).logits, logits, rtol=0, atol=1e-5)
    for i in range(len(batch)):
        torch.testing.assert_close(model(alone(batch, i)).logits[0], logits[i], rtol=0, atol=1e-5)


def test_forward_is_the_composition_of_its_parts():
    """Paper §3.3 written out once more, with the parts' own weights (A10, A11, A13, A16)."""
    model, batch = built(SMALL), random_batch()
    parts, c1, c2 = model.encoders, model.fusion1.coattention, model.fusion2.coattention
    audio, audio_mask = parts["audio"](batch.mel, batch.mel_mask)
    words, words_mask = parts["words"](batch.words, batch.words_mask)
    bert, bert_mask = parts["bert"](batch.bert)
    words, audio, _ = c1(words, audio, words_mask, audio_mask)
    f1 = torch.zeros(4, 5, 16)
    for i in range(4):
        for n in range(5):
            f1[i, n] = audio[i, n] + (words[i, n] if words_mask[i, n] else 0)
    f1, bert, _ = c2(f1, bert, None, bert_mask)
    f3, _ = model.final(torch.cat([f1, bert], 1))
    pooled, _ = model.pool(f3)
    h = pooled @ model.head.projector.weight.T + model.head.projector.bias
    logits = h.clamp(min=0) @ model.head.predictor.weight.T + model.head.predictor.bias
    out = model(batch)
    torch.testing.assert_close(out.h, h)
    torch.testing.assert_close(out.logits, logits)


def test_parallel_head_predicts_from_the_pooled_vector():
    model, batch = built(replace(SMALL, head="parallel", pooling="mean")), random_batch()
    pooled = []
    model.head.register_forward_hook(lambda _m, inputs, _o: pooled.append(inputs[0]))
    out = model(batch)
    torch.testing.assert_close(out.logits, model.head.predictor(pooled[0]))
    torch.testing.assert_close(out.h, model.head.projector(pooled[0]))


@pytest.mark.parametrize("reading", READINGS, ids=str)
def test_each_reading_changes_the_result_and_keeps_the_masks_right(reading):
    model, batch = built(replace(SMALL, **reading)), random_batch()
    out = model(batch)
    assert out.logits.shape == (4, 4)
    assert out.h.shape == (4, 8)
    default = built(SMALL)
    shared = {k: v for k, v in default.state_dict().items() if k in model.state_dict()}
    if all(model.state_dict()[k].shape == v.shape for k, v in shared.items()):  # not the parallel head
        model.load_state_dict(shared, strict=False)
    assert not torch.allclose(model(batch).logits, default(batch).logits, atol=1e-4)
    assert_padding_and_company_change_nothing(model, batch)


@pytest.mark.parametrize("subset", SUBSETS, ids="+".join)
@pytest.mark.parametrize("order", ["audio_first", "bert_first"])
def test_ablations_read_what_they_name_and_nothing_else(subset, order):
    model, batch = built(replace(SMALL, modalities=subset, order=order)), random_batch()
    logits = model(batch).logits
    for name, field in (("audio", "mel"), ("words", "words"), ("bert", "bert")):
        other = model(replace(batch, **{field: getattr(batch, field).flip(0)})).logits
        assert torch.equal(other, logits) == (name not in subset)
    assert_padding_and_company_change_nothing(model, batch)


def joined(how, first, second):
    out = Fusion(SMALL, how, "first")._joined(first, second)
    return out.x[0, :, 0].tolist(), out.mask[0].int().tolist()


def test_joining_by_hand():
    """L = 5: two words of three positions, four audio steps, a BERT vector; what is padding holds 7."""
    column = torch.ones(1, 1, 16)
    words = Sequence("words", torch.tensor([1.0, 2, 7])[:, None] * column, torch.tensor([[True, True, False]]))
    audio = Sequence("audio", torch.tensor([10.0, 20, 30, 40])[:, None] * column, torch.ones(1, 4, dtype=torch.bool))
    bert = Sequence("bert", 100 * column, torch.ones(1, 1, dtype=torch.bool), vector=True)
    assert joined("add", words, audio) == ([11, 22, 30, 40, 0], [1, 1, 1, 1, 0])
    assert joined("add", words, bert) == joined("add", bert, words) == ([101, 102, 0, 0, 0], [1, 1, 0, 0, 0])
    assert joined("concat", words, audio) == ([1, 2, 0, 0, 0, 10, 20, 30, 40], [1, 1, 0, 0, 0, 1, 1, 1, 1])
    assert joined("concat", audio, bert) == ([10, 20, 30, 40, 0, 100], [1, 1, 1, 1, 0, 1])
    assert joined("concat", bert, audio) == ([100, 10, 20, 30, 40], [1, 1, 1, 1, 1])


@pytest.mark.parametrize(
    ("subset", "n_sa", "n_sga"),
    [
        (("audio",), 3, 0), (("words",), 3, 0), (("bert",), 1, 0),
        (("words", "bert"), 5, 2), (("audio", "bert"), 5, 2), (("audio", "words"), 3, 2), (MODALITIES, 5, 4),
    ],
)  # fmt: skip
def test_ablations_have_the_units_of_a43(subset, n_sa, n_sga):
    units = list(VcemoModel(replace(SMALL, modalities=subset)).modules())
    assert sum(isinstance(u, SA) for u in units) == n_sa
    assert sum(isinstance(u, SGA) for u in units) == n_sga


def test_attention_maps_have_the_promised_names_and_shapes():
    model, batch = built(SMALL), random_batch()
    out = model(batch, keep_attention=True)
    assert {name: tuple(m.shape) for name, m in out.attention.items()} == {
        "words": (4, 2, 5, 5), "audio_by_words": (4, 2, 5, 5), "fused": (4, 2, 5, 5),
        "bert_by_fused": (4, 2, 1, 5), "final": (4, 2, 6, 6), "pool": (4, 6),
    }  # fmt: skip
    for attention in out.attention.values():
        torch.testing.assert_close(attention.sum(-1), torch.ones_like(attention[..., 0]))
    assert (out.attention["audio_by_words"][1, :, :, 1:] == 0).all()  # utterance 1 has one word
    torch.testing.assert_close(out.logits, model(batch).logits)
    assert model(batch).attention == {}


def test_maps_of_the_other_readings_are_named_after_who_looks_at_whom():
    model = built(replace(SMALL, guide1="audio", guide2="bert", pooling="mean"))
    assert set(model(random_batch(), True).attention) == {
        "audio",
        "words_by_audio",
        "bert",
        "fused_by_bert",
        "final",
    }
    model = built(replace(SMALL, modalities=("words",)))
    assert set(model(random_batch(), True).attention) == {"words", "final", "pool"}


def test_dropout_gives_two_views_in_training_and_none_in_eval():
    model, batch = built(SMALL), random_batch()
    assert torch.equal(model(batch).h, model(batch).h)
    model.train()
    assert not torch.allclose(model(batch).h, model(batch).h)


def test_half_precision_autocast_runs_and_stays_close():
    model, batch = built(SMALL), random_batch()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = model(batch).logits
        F.cross_entropy(model.train()(batch).logits, batch.labels).backward()
    torch.testing.assert_close(half.float(), model.eval()(batch).logits, rtol=0.1, atol=0.1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"fuse1": "multiply"}, "fuse1='multiply' is unknown; use one of"),
        ({"modalities": ()}, "give some of"),
        ({"modalities": ("audio", "video")}, "give some of"),
        ({"modalities": ("audio", "audio")}, "each once"),
        ({"pooling": "bert", "fuse2": "add"}, "reads the BERT position"),
        ({"pooling": "bert", "modalities": ("audio", "words")}, "reads the BERT position"),
        ({"pooling": "bert", "order": "bert_first"}, "reads the BERT position"),
    ],
)
def test_impossible_configurations_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **wrong)


def test_configuration_read_from_json_equals_the_original():
    assert replace(SMALL, modalities=["audio"], conv_channels=[3, 4]) == replace(SMALL, modalities=("audio",))


def test_full_size_parameter_counts():
    """d = 512, f = 1024: two co-attention layers of 3 SA + 3 SGA, one more SA, AttFlat, two heads."""
    model = VcemoModel(ModelConfig())
    count = {name: sum(p.numel() for p in part.parameters()) for name, part in model.named_children()}
    assert count["fusion1"] == count["fusion2"] == 3 * (2_102_784 + 3_154_432)
    assert count["final"] == 2_102_784
    assert count["pool"] == (512 * 512 + 512) + (512 + 1) + (512 * 512 + 512)
    assert count["head"] == (512 * 128 + 128) + (128 * 6 + 6)
    words = sum(p.numel() for p in model.encoders["words"].parameters())
    assert words == 1_667_072 + 512 * 512 * 3 + 2 * 512
