"""A field of a recipe from the command line."""

from ast import literal_eval
from dataclasses import fields
from difflib import get_close_matches

from ..recipes import FIELDS, RecipeError

FOLLOW = {  # fields that `prepare` writes, whatever was there, and what decides them
    "n_classes": "the corpus and --classes",
    "word_dim": "--vectors",
    "bert_dim": "--bert",
    "speech_dim": "--speech",
}


def given(text: str) -> dict[str, object]:
    """`name=value` as a field of a recipe and a value of its type, for `Recipe.but`, or RecipeError.

    >>> given("dropout=0.4"), given("normalise=speaker"), given("conv_channels=16,32")
    ({'dropout': 0.4}, {'normalise': 'speaker'}, {'conv_channels': (16, 32)})
    """
    name, _, value = (word.strip() for word in text.partition("="))
    defaults = {f.name: f.default for cls in FIELDS for f in fields(cls) if f.name in FIELDS[cls]}
    default = defaults.get(name)
    if name in FOLLOW:
        raise RecipeError(f"{text!r}: {name} follows from {FOLLOW[name]}: leave it out")
    if name not in defaults or name == "name" or not value:
        near = get_close_matches(name.lower().replace("-", "_"), defaults, 1)
        cure = f"is {near[0]} meant?" if near and near[0] != name else "give such as dropout=0.4"
        raise RecipeError(f"{text!r} is not name=value with a field of a recipe: {cure}")
    try:
        return {name: _typed(value, default)}
    except ValueError:
        raise RecipeError(f"{text!r}: {name} is like {default!r}: give a value of that kind") from None


def _typed(text: str, default: object) -> object:
    """The text as a value of the default's type; ValueError where it is none."""
    try:
        value = literal_eval(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):  # a word
        value = text
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    if default is not None and type(value) is not type(default):
        raise ValueError(text)
    if isinstance(default, tuple) and any(type(one) is not type(default[0]) for one in value):
        raise ValueError(text)
    return value
