"""The campaigns' own rules: what fails one, and what they come to together."""

import pytest
from campaign import Campaign, taken, together


def test_one_loss_and_an_empty_campaign_fail(capsys):
    counted = Campaign("cut files")
    with pytest.raises(AssertionError, match="cut files tried nothing"):
        counted.finish()
    counted.count("survived")
    counted.finish()
    counted.count("lost", "number 2")
    with pytest.raises(AssertionError, match="lost: number 2"):
        counted.finish()
    assert "cut files: 2 tried, 1 survived, 1 lost, 0 silent, 0 tracebacks" in capsys.readouterr().out
    assert len(taken()) == 3 and taken() == []  # failed ones are told too


def test_the_figures_of_all_are_added_up():
    lines = together([("a", 5, 4, 1, 0, 0, 0), ("b", 3, 1, 0, 1, 1, 2)])
    assert lines[0] == "a: 5 tried, 4 survived, 1 lost, 0 silent, 0 tracebacks"
    assert lines[-1] == "all 2 campaigns: 8 tried, 5 survived, 1 lost, 1 silent, 1 tracebacks, 2 kills"


def test_an_attempt_that_ended_before_its_kill_is_no_kill():
    counted = Campaign("kill -9, a")
    for kills in (0, 2):
        counted.count_kills(kills, "survived")
    assert str(counted) == "kill -9, a: 3 tried, 3 survived, 0 lost, 0 silent, 0 tracebacks, 2 kills"
