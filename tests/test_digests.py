"""Keys of settings: those of the profiles are for ever, and a field that came later leaves old keys as they were."""

from dataclasses import dataclass

import pytest

from vcemo_lib.digests import added, content_key, settings
from vcemo_lib.recipes import LAPTOP, PAPER_IEMOCAP, PAPER_VCEMO, TINY, supcon


@dataclass(frozen=True)
class Before:
    rate: float = 0.1


@dataclass(frozen=True)
class After:
    warm_up: int = added(0)
    rate: float = 0.1
    decay: str | None = added(None)


@dataclass(frozen=True)
class Later:
    """`After` with another default of the field that was added."""

    warm_up: int = added(5, neutral=0)
    rate: float = 0.1


@dataclass(frozen=True)
class Nest:
    inner: After = After()


@pytest.mark.parametrize(
    ("recipe", "key"),
    [
        (PAPER_VCEMO, "5451aa3b00"),
        (PAPER_IEMOCAP, "68a6afb872"),
        (LAPTOP, "b5cb8cc028"),
        (TINY, "3085d90c06"),
        (supcon(LAPTOP), "54e7d72489"),
        (TINY.but(speech="silero", range_db=30.0, speech_dim=3), "a8a087bb42"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_keys_that_records_are_named_by_stay(recipe, key):
    """Where this fails, every record in results/ is lost: give a new field as `added(neutral value)`."""
    assert recipe.key == key


def test_an_added_field_at_its_neutral_value_changes_no_key():
    assert settings(After()) == settings(Before()) == {"rate": 0.1}
    assert content_key(settings(After())) == content_key(settings(Before()))
    assert settings(Nest()) == {"inner": {"rate": 0.1}}


def test_an_added_field_at_another_value_changes_the_key():
    assert settings(After(warm_up=5)) == {"warm_up": 5, "rate": 0.1}
    assert settings(Nest(After(decay="cosine"))) == {"inner": {"rate": 0.1, "decay": "cosine"}}


def test_another_default_later_is_another_key_and_the_old_value_keeps_the_old_one():
    assert settings(Later()) == {"warm_up": 5, "rate": 0.1} == settings(After(warm_up=5))
    assert settings(Later(warm_up=0)) == settings(Before())


def test_none_where_an_added_field_has_another_neutral_value_is_a_value_like_any_other():
    assert settings(After(warm_up=None)) == {"warm_up": None, "rate": 0.1}
