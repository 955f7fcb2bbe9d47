"""Numbers made on another kind of processor are shown, not counted; everything else still is."""

from types import SimpleNamespace

import pytest

from vcemo_lib.course.check import check
from vcemo_lib.course.check.arithmetic import fingerprint, remember, remembered
from vcemo_lib.course.check.drift import Difference

NUMBERS = Difference("c00-body", "numbers (1 of 2)", "0.5", "0.6")
CELLS = Difference("c00-body", "source", "a", "b")


def test_the_fingerprint_of_one_machine_is_always_the_same(tmp_path):
    first = fingerprint(tmp_path)
    assert len(first) == 16
    assert int(first, 16) >= 0
    assert fingerprint(tmp_path) == first


def test_what_was_remembered_of_other_chapters_stays(tmp_path):
    assert remembered(tmp_path) == {}
    remember(tmp_path, ["00", "01"], "a")
    remember(tmp_path, ["01"], "b")
    assert remembered(tmp_path) == {"00": "a", "01": "b"}


@pytest.mark.parametrize(
    "made_with, differences, code",
    [
        ("here", [], 0),
        ("here", [NUMBERS], 1),
        ("elsewhere", [NUMBERS], 0),
        ("elsewhere", [NUMBERS, CELLS], 1),
        (None, [NUMBERS], 1),
    ],
)
def test_only_what_follows_from_numbers_is_forgiven_and_only_elsewhere(
    tmp_path, monkeypatch, capsys, made_with, differences, code
):
    if made_with:
        remember(tmp_path, ["00"], made_with)
    outcome = SimpleNamespace(lost={})
    for name, value in {
        "load_plan": lambda folder: None,
        "write_reports": lambda *_: None,
        "run_course": lambda *_: outcome,
        "drift_of": lambda *_: {"00": differences},
        "fingerprint": lambda state: "here",
    }.items():
        monkeypatch.setattr(check, name, value)
    request = SimpleNamespace(folder=tmp_path)
    assert check.run_check(request, tmp_path) == code
    assert ("other arithmetic" in capsys.readouterr().out) == (made_with == "elsewhere")


@pytest.mark.parametrize(
    "kind, follows",
    [
        ("numbers (1 of 2)", True),
        ("words", True),
        ("picture", True),
        ("size of picture", True),
        ("source", False),
        ("cells", False),
        ("outputs", False),
    ],
)
def test_which_differences_follow_from_numbers(kind, follows):
    assert Difference("c", kind, "", "").follows_numbers is follows
