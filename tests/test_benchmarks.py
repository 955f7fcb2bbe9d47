"""The short form of `make bench`: no ratio collapses. Margins are generous, for a machine of CI is never quiet."""

import sys
from dataclasses import replace
from importlib import import_module

import pytest
import torch

from benchmarks import cost, memory, missed, report, step
from benchmarks.timing import Case, measure, not_there
from vcemo_lib.data.labels import EMOTIONS
from vcemo_lib.paths import RESULTS, ROOT
from vcemo_lib.storage import read_json

# Least ratios of a rival's time to ours, about two thirds of what they are; at full size the table asks for far more:
# results/bench.md. Where a bound is above 1, ours done the rival's way is found, as a test below shows.
LEAST = {
    "contrast": {"pytorch_metric_learning": 4.0, "dense mask": 1.4},
    "attention": {"torch's encoder and decoder layers": 0.9, "nn.MultiheadAttention": 0.9},
    "front_end": {"nn.Sequential": 0.6, "packed sequences": 1.8},
    "mel": {"librosa": 1.6, "transformers": 2.0},
    "sentences": {"one by one": 1.8},
    "batches": {"np.load": 1.25},
}


@pytest.fixture(autouse=True)
def one_thread(cache):
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def collapsed(row: dict, least: dict[str, float]) -> list[str]:
    return [f"{rival}: {row['ratio'][rival][0]}" for rival in least if row["ratio"].get(rival, [9e9])[0] < least[rival]]


@pytest.mark.parametrize("subject", LEAST)
def test_no_ratio_collapses(subject):
    cases, named = import_module(f"benchmarks.{subject}").cases(short=True), set()
    for case in cases:
        tries = [measure(case, rounds=5)]
        while len(tries) < 3 and collapsed(tries[-1], LEAST[subject]):  # a busy machine slows either side for seconds
            tries.append(measure(case, rounds=5))
        assert not collapsed(tries[-1], LEAST[subject])
        named |= {*tries[0]["ratio"], *tries[0]["missing"]}
    assert set(LEAST[subject]) <= named


@pytest.mark.parametrize("subject", ["contrast", "front_end", "mel", "sentences", "batches"])
def test_ours_done_as_the_rival_does_it_is_a_collapse(subject):
    """Dense SupCon, packed sequences, librosa's mel, a sentence at a time, a file a clip."""
    for case in import_module(f"benchmarks.{subject}").cases(short=True):
        for rival in case.rivals.keys() & {name for name, least in LEAST[subject].items() if least > 1}:
            row = measure(replace(case, ours=case.rivals[rival], limit=None, memory=False), rounds=3)
            assert collapsed(row, {rival: LEAST[subject][rival]})


def test_a_slow_ours_is_found_and_other_results_are_refused():
    def work(n):
        return lambda: torch.zeros(n).exp_().sum()

    slow = Case("none", "slow", work(4_000_000), {"quick": work(40_000)}, lambda: None, wanted={"quick": 1})
    row = measure(slow, 3)
    assert collapsed(row, {"quick": 0.5})

    def unequal():
        torch.testing.assert_close(torch.zeros(1), torch.ones(1))

    with pytest.raises(AssertionError):
        measure(Case("none", "wrong", work(1), {}, unequal), 3)


def test_a_rival_that_is_not_installed_stands_in_the_table_by_name():
    missing = not_there("no_such_package")
    case = Case("none", "a row", lambda: torch.zeros(9).sum(), {}, lambda: None, missing)
    assert report.lines(measure(case, 3))[0].startswith("| a row | no_such_package | ")
    assert "not installed" in report.lines(measure(case, 3))[0]


def test_each_row_that_is_not_reached_has_its_reason_on_the_page():
    page = (RESULTS / "bench.md").read_text(encoding="utf-8").partition(missed.HEAD)[2]
    rows = [row for subject in read_json(RESULTS / "bench.json").values() for row in subject["rows"]]
    for row in filter(missed.missed, rows):
        assert f"| {row['case']} | {', '.join(missed.missed(row))} | {missed.reason(row)[0]} |" in page
    for name in missed.MISSED:
        assert any(row["case"].startswith(name) for row in rows)


def test_each_row_of_the_page_has_a_bar_and_one_too_far_from_the_limit_misses():
    rows = [row for subject in read_json(RESULTS / "bench.json").values() for row in subject["rows"]]
    assert {row["case"] for row in rows if not row["wanted"]} == set()
    far = {"subject": "step", "case": "a step", "ratio": {"rival": [9.0]}, "wanted": {"rival": 5}, "times_limit": 2.1}
    assert missed.missed(far) == ["the limit"]
    assert missed.missed(far | {"times_limit": 2.0}) == []
    assert missed.missed(far | {"subject": "mel"}) == []


def test_the_page_of_costs_has_the_course_the_longest_chapter_first():
    run = {"profile": "tiny", "jobs": 2, "processors": 2}
    run |= {"seconds": {"00": 30.0, "01": 60.4}, "megabytes": {"00": 1100.2, "01": 900.9}}
    words = cost.course(run)
    assert words.endswith("| 01 | 60 | 901 |\n| 00 | 30 | 1100 |")
    assert "1.5 minutes, summed" in words
    assert "## The course\n\nProfile" in (RESULTS / "cost.md").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_libraries_for_gpus_are_part_of_what_torch_takes():
    taken = memory.of_torch()
    assert 150 < taken["all"] < 1_000
    assert 0 <= taken["for_gpus"] < taken["all"]
    assert (taken["for_gpus"] > 50) == bool(torch.version.cuda)


def test_the_page_of_costs_is_made_of_its_record():
    assert cost.page(read_json(RESULTS / "cost.json")) == (RESULTS / "cost.md").read_text(encoding="utf-8")


def test_a_row_that_misses_on_another_processor_still_has_a_line():
    row = {"case": "reached until now", "ratio": {"rival": [0.5]}, "wanted": {"rival": 1}}
    told = missed.lines({"a subject": {"rows": [row]}}, [0.04])
    assert "| reached until now | rival | Not looked into on this kind of processor. | Nothing. |" in told


def test_the_plain_model_of_the_training_step_equals_ours():
    next(step.cases(short=True)).equal()


def test_the_extra_names_every_rival_that_a_subject_looks_for():
    extra = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("bench = ")[2].partition("]")[0]
    for path in (ROOT / "benchmarks").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        for rival in ("audiomentations", "datasets", "pytorch-metric-learning"):
            assert f'not_there("{rival}")' not in text or rival in extra


def test_memory_is_measured_on_features_that_no_sound_was_needed_for(tmp_path):
    store = memory.made_up(60, memory.RECIPE, tmp_path)
    batch = store.batch(store.corpus.ids[57:], EMOTIONS)
    assert batch.mel.shape == (3, memory.FRAMES, 40)
    assert batch.words.shape == (3, memory.WORDS, 300)
    assert batch.labels.tolist() == [3, 4, 5]
    assert batch.mel.std() > 0.5


def test_the_kinds_of_work_of_a_step_are_told_apart():
    shares = cost.by_kind(
        {"aten::mkldnn_convolution": 2.0, "aten::addmm": 1.0, "aten::mkldnn_rnn_layer": 1.0, "x": 4.0}
    )
    assert shares["convolution"] == 0.25
    assert shares["matrix products"] == shares["LSTM"] == 0.125
    assert shares["the rest"] == 0.5
    assert sum(shares.values()) == pytest.approx(1)
