"""Probes: the planted link is there, the ceilings are those of an independent count, shuffling takes the effect away."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import norm

from vcemo_lib.evaluation.records import write_rows
from vcemo_lib.experiments.probes import binding, contrast
from vcemo_lib.experiments.probes.binding import said_twice, stress
from vcemo_lib.experiments.probes.catalogue import PROBES
from vcemo_lib.experiments.probes.loop import SMALL, late
from vcemo_lib.experiments.probes.probe import CONTROL
from vcemo_lib.experiments.probes.probe_names import NAMES, ProbeError, require_probe
from vcemo_lib.experiments.probes.probe_records import SECONDS, curve, gain_of, recorded_runs, run_probe
from vcemo_lib.experiments.probes.probe_verdicts import beside_rival, claims, curves, told_at, verdict_of
from vcemo_lib.experiments.probes.synthetic import FRAMES, LOUD_BANDS, chosen, joined, shuffled, vocabulary
from vcemo_lib.models.registry import build_model


def loudest(batch):
    """The place of the word with the most energy in the bands of stress."""
    energy = batch.mel[..., :LOUD_BANDS].sum(2).unflatten(1, (-1, FRAMES)).sum(2)
    return energy.argmax(1)


@pytest.mark.parametrize("name", PROBES)
def test_a_corpus_is_a_batch_that_every_arm_reads(name):
    probe = PROBES[name]
    for point in probe.points:
        batch = probe.corpus(point, 12, 0, True)
        for arm in (arm for arm in probe.arms.values() if not arm.late):
            config = replace(SMALL, **(probe.model | probe.by_point(point) | arm.model))
            assert build_model(config).eval()(batch).logits.shape == (12, config.n_classes)
    assert probe.lead in probe.arms
    assert probe.rival in probe.arms
    assert set(probe.along) <= set(probe.arms)


def test_seeds_and_parts_differ_and_one_seed_gives_one_corpus():
    a, b, test, other = (stress(1.0, 9, seed, part) for seed, part in ((3, False), (3, False), (3, True), (4, False)))
    assert torch.equal(a.words, b.words)
    assert torch.equal(a.mel, b.mel)
    assert not torch.equal(a.words, test.words)
    assert not torch.equal(a.words, other.words)


def test_the_stressed_word_has_the_emotion_and_the_shuffled_sound_points_anywhere():
    batch = stress(1.0, 4000, 0, True)
    table = torch.cdist(batch.words, vocabulary(0))
    number = table.argmin(2).gather(1, loudest(batch)[:, None])[:, 0]
    assert (number // 5 == batch.labels).float().mean() > 0.999
    mixed = shuffled(batch, "mel", torch.Generator().manual_seed(0))
    number = table.argmin(2).gather(1, loudest(mixed)[:, None])[:, 0]
    assert abs((number // 5 == batch.labels).float().mean() - 1 / 6) < 0.03  # six places, one of them right


def test_one_sentence_said_twice_differs_in_the_sound_alone():
    pair, at = said_twice(5)
    assert torch.equal(pair.words[0], pair.words[1])
    assert torch.equal(loudest(pair), at)
    assert pair.labels[0] != pair.labels[1]


def test_late_fusion_is_the_product_of_experts_over_the_prior():
    words, sound = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    p = late(words, sound, torch.tensor([0, 0, 0, 1])).softmax(1)
    expected = words.softmax(1) * sound.softmax(1) / torch.tensor([0.75, 0.25])
    assert torch.allclose(p, expected / expected.sum())


@pytest.mark.parametrize("name", PROBES)
def test_ceilings_lie_between_the_floor_and_one(name):
    probe = PROBES[name]
    for point in probe.points:
        assert probe.floor(point) - 0.02 <= probe.ceiling(point) <= 1


def test_every_probe_is_named_before_torch_loads():
    assert tuple(PROBES) == NAMES


def test_the_ceiling_of_words_is_that_of_counting_them():
    """An independent ideal reader: whichever emotion has most words wins, ties are shared."""
    batch = contrast.rare(1.0, 20_000, 1, True)
    counts = torch.stack([(batch["told"] == e).sum(1) for e in range(4)], 1)
    best = counts == counts.amax(1, keepdim=True)
    right = best[torch.arange(len(counts)), batch.labels] / best.sum(1)
    assert contrast.reading_words() == pytest.approx(right.mean().item(), abs=0.01)


def test_the_ceiling_of_irony_is_that_of_weighing_all_numbers(monkeypatch):
    """An ideal listener of a faint tone, who knows how often it is there: 48 numbers of deviation 0.5."""
    monkeypatch.setattr(binding, "TONE", 0.1)
    rng, n = np.random.default_rng(0), 40_000
    ironic = rng.random(n) < 0.25
    x = 0.5 * rng.standard_normal((n, 48)) + 0.1 * ironic[:, None]
    says = norm.logpdf(x, 0.1, 0.5).sum(1) + np.log(0.25) > norm.logpdf(x, 0.0, 0.5).sum(1) + np.log(0.75)
    assert binding.irony_is_heard(0.5) == pytest.approx((says == ironic).mean(), abs=0.008)


def test_the_ceiling_of_a_vector_that_knows_half_is_that_of_its_largest_number():
    """All emotions are alike, so the largest of the four numbers is the best guess, whatever is known."""
    batch = PROBES["knowledge"].corpus(0.5, 20_000, 1, False)
    right = (batch.bert[:, :4].argmax(1) == batch.labels).float().mean()
    assert PROBES["knowledge"].ceiling(0.5) == pytest.approx(right.item(), abs=0.015)


def test_the_best_fit_to_two_emotions_is_beaten_by_no_other_answer():
    truth = contrast.mixed(1.0, 4000, 2, True)["truth"]
    quarter = 1 - 0.5 * (truth - 0.25).square().sum(1).mean().item()
    assert contrast.reading_nothing(1.0) == pytest.approx(quarter, abs=1e-3)
    assert contrast.reading_shares(1.0) > quarter + 0.02


EFFECTS = ("stress", "irony", "time", "length", "sentence_explains", "words_explain", "knowledge", "augmentation")


def test_these_effects_hold_in_the_records():
    made = claims(PROBES)
    assert tuple(made.index[made["verdict"] == "holds"]) == EFFECTS


@pytest.mark.parametrize("name", EFFECTS)
def test_shuffling_the_planted_link_takes_the_effect_away(name):
    """Where the effect is largest, in as many updates as showed it there, 14 points or more, in one probe 3."""
    probe = PROBES[name]
    gains = gain_of(recorded_runs(probe), probe.lead, probe.rival, probe.metric)
    point = told_at(gains)
    assert gains.loc[point, "low"] > (3 if name == "words_explain" else 14)
    lead, rival = (probe.trial(arm, point, 0, shuffle=True)[probe.metric] for arm in (probe.lead, probe.rival))
    assert max(lead, rival) < probe.floor(point) + 0.09  # four deviations of a share of 500
    assert abs(lead - rival) < 0.12


@pytest.mark.parametrize("name", PROBES)
def test_the_recorded_control_is_not_above_what_is_possible_without_the_link(name):
    probe, runs = PROBES[name], recorded_runs(PROBES[name])
    control = curve(runs, CONTROL, probe.metric).iloc[-1]
    floor = 100 * probe.floor(probe.points[-1])
    assert control["seeds"] >= 10
    assert control["mean"] < floor + 1.5
    if name not in ("depth", "words_explain", "sentence_explains"):  # there nobody learns the end of the dial
        assert curve(runs, probe.lead, probe.metric).iloc[-1]["low"] > floor + 1


@pytest.mark.parametrize(("name", "least"), [("stress", 0.3), ("knowledge", 0.5), ("length", 0.2)])
def test_with_the_link_the_lead_is_far_above_the_rival(name, least):
    probe = PROBES[name]
    lead, rival = (probe.trial(arm, probe.points[-1], 0)["accuracy"] for arm in (probe.lead, probe.rival))
    assert lead > rival + least


def test_runs_are_gone_on_with_seed_by_seed(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(type(PROBES["depth"]), "trial", lambda self, arm, point, seed: made.append((arm, point, seed)) or {"accuracy": 0.5 + 0.1 * seed})  # fmt: skip
    probe = PROBES["depth"]
    run_probe(probe, 1, tmp_path)
    first = len(made)
    assert first == 2 * len(probe.points) + 2  # lead and rival along the dial; the other arm and the control at its end
    run_probe(probe, 2, tmp_path)
    assert {seed for _, _, seed in made[first:]} == {1}
    runs = recorded_runs(probe, tmp_path)
    assert runs[probe.lead]["4.0"] == {"accuracy": [0.5, 0.6], SECONDS: [0.0, 0.0]}
    assert runs[CONTROL].keys() == {"4.0"}
    run_probe(probe, 2, tmp_path)
    assert len(made) == 2 * first


def test_a_record_that_has_no_seconds_is_gone_on_with(tmp_path, monkeypatch):
    probe, made = PROBES["depth"], []
    monkeypatch.setattr(type(probe), "trial", lambda self, arm, point, seed: made.append(seed) or {"accuracy": 0.5})
    old = {arm: {str(p): {"accuracy": [0.4]} for p in probe.points_of(arm)} for arm in (*probe.arms, CONTROL)}
    write_rows(tmp_path / "depth.json", {"probe": "depth", "key": probe.key}, "runs", old)
    runs = run_probe(probe, 2, tmp_path)
    assert set(made) == {1}
    assert runs[CONTROL]["4.0"] == {"accuracy": [0.4, 0.5], SECONDS: [0.0]}


def test_a_record_of_another_definition_is_refused(tmp_path):
    (tmp_path / "depth.json").write_text(json.dumps({"key": "other", "runs": {}}))
    with pytest.raises(ProbeError, match="another definition of it: delete depth.json"):
        recorded_runs(PROBES["depth"], tmp_path)


def test_an_unknown_probe_is_refused():
    with pytest.raises(ProbeError, match="there is no probe 'loudness': choose one of stress"):
        require_probe("loudness")


def planted_runs(probe, lead, rival):
    """Runs with these accuracies at each point, a little apart from seed to seed."""
    jitter = np.linspace(-0.01, 0.01, 10)
    at = dict(zip((probe.lead, probe.rival), (lead, rival), strict=True))
    return {arm: {str(p): {"accuracy": list(v + jitter * (1 + len(arm) % 2))} for p, v in zip(probe.points, values, strict=True)} for arm, values in at.items()}  # fmt: skip


@pytest.mark.parametrize(
    ("lead", "rival", "begins"),
    [
        ((0.5, 0.5, 0.9), (0.5, 0.5, 0.5), "holds: final output against same depth gains at 4 +40.0"),
        ((0.6, 0.6, 0.6), (0.6, 0.6, 0.8), "reversed: final output against same depth loses at 4 -20.0"),
        ((0.8, 0.6, 0.6), (0.6, 0.6, 0.8), "mixed: final output against same depth gains at 1 +20.0"),
        ((0.5, 0.5, 0.26), (0.5, 0.5, 0.46), "not learnt: where they differ, neither final output nor same depth"),
        ((0.605, 0.6, 0.6), (0.6, 0.6, 0.6), "not found: final output against same depth is never surely apart"),
        ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "not learnt: wherever the link tells, neither final output nor same depth"),
    ],
)
def test_a_verdict_follows_from_the_numbers(lead, rival, begins):
    probe = PROBES["depth"]
    assert verdict_of(probe, planted_runs(probe, lead, rival)).startswith(begins)


def test_the_table_of_claims_names_what_is_recorded(tmp_path):
    probe = PROBES["depth"]
    runs = planted_runs(probe, (0.5, 0.5, 0.9), (0.5, 0.5, 0.5))
    write_rows(tmp_path / "depth.json", {"probe": "depth", "key": probe.key}, "runs", runs)
    table = claims(PROBES, tmp_path)
    assert list(table.index) == ["depth"]
    assert table.loc["depth", "verdict"] == "holds"
    assert table.loc["depth", "largest effect"].startswith("+40.0")
    assert curves(probe, recorded_runs(probe, tmp_path)).loc["ceiling", "4"] == "100.0"


@pytest.mark.parametrize("name", PROBES)
def test_a_committed_record_is_of_todays_definition_and_whole(name):
    probe, runs = PROBES[name], recorded_runs(PROBES[name])
    assert set(runs) == {*probe.arms, CONTROL}
    for arm in probe.arms:
        assert tuple(map(float, runs[arm])) == probe.points_of(arm)
        assert all(len(values[probe.metric]) >= 10 for values in runs[arm].values())


def test_batches_are_cut_and_joined_whole():
    a, b = (contrast.mixed(1.0, 6, seed, False) for seed in (0, 1))
    both = joined(a, b)
    assert len(both) == 12
    again = chosen(both, torch.arange(6, 12))
    assert torch.equal(again.words, b.words)
    assert torch.equal(again["truth"], b["truth"])
    short = replace(a, mel=a.mel[:, :4], mel_mask=a.mel_mask[:, :4])
    assert joined(short, b).mel_mask.sum(1).tolist() == [4] * 6 + [12] * 6


def test_each_arm_stands_beside_its_rival_by_any_score():
    probe = PROBES["rare"]
    runs, table = recorded_runs(probe), beside_rival([probe], ("ece", "retrieval"))
    assert list(table.columns) == ["rare, ece", "rare, retrieval"]
    assert set(table.index) == set(probe.arms) - {probe.rival}
    a, b = (100 * np.mean(runs[arm]["64.0"]["retrieval"]) for arm in ("α = 100, τ = 1", probe.rival))
    assert table.loc["α = 100, τ = 1", "rare, retrieval"].startswith(f"{a - b:+.1f} (")
    assert list(beside_rival([probe]).columns) == ["rare, accuracy"]
