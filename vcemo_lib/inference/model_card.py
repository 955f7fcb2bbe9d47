"""What a model folder says to people: what it was trained on, how well it does, what it must not be used for."""

from collections.abc import Sequence

from ..data.labels import EMOTIONS, FOUR
from ..evaluation.records import ProtocolCard
from ..recipes import Recipe

CARD = """# A speech emotion model ({system}, {classes})

Trained by `vcemo train`, recipe {recipe}. It reads {reads}; language
{language}.

## Measured on the test part

| measure | value |
|---|---|
{numbers}

{protocol}
{verdict}
## Limits

- It answers with the likeliest of {labels}, whatever it hears: "none of these"
  is no answer it has.
- {voices}.
{own_voice}- Do not decide anything about a person with it: what a voice shows is not what somebody feels.
"""
OWN_VOICE = """- Each speaker's own mean was taken from the sound, in the test part too, from the speaker's other \
recordings without labels.
  Give `predict` some clips of the person (`--enrol`): without them it is less often right.
"""


def known_voices(recipe: Recipe, simulated: bool, disjoint: Sequence[str]) -> str:
    """A sentence where its scores are of no person, or of people who may have been heard in training; else "".

    Args: simulated, whether its corpus is; disjoint, the columns of which its split keeps values in one part.
    """
    hears = "audio" in recipe.model.reads
    if simulated:
        return f"its training {'voices' if hears else 'texts'} were synthesised: of people it knows nothing"
    if not hears or "speaker" in disjoint:
        return ""
    return "it was tried on people it may have heard in training: how right it is about others is not known"


def describe_model(
    recipe: Recipe, labels: Sequence[str], language: str, card: ProtocolCard, scores: dict, verdict: str
) -> str:
    """The text of MODEL_CARD.md."""
    voices = known_voices(recipe, card.simulated, card.disjoint) or "it knows the kind of speech it was trained on"
    return CARD.format(
        system=recipe.model.system,
        classes=f"{len(labels)} {'emotions' if labels in (FOUR, EMOTIONS) else 'classes'}",
        recipe=f"{recipe.name} ({recipe.key})",
        reads=", ".join(recipe.model.modalities),
        language=f"{language}; {card.reading}",
        numbers="\n".join(f"| {name} | {value:.3f} |" for name, value in scores.items()),
        protocol=card.label(),
        verdict=f"\nBeside the simple classifiers: {verdict}.\n" if verdict else "",
        labels=", ".join(labels),
        voices=voices[0].upper() + voices[1:],
        own_voice=OWN_VOICE if recipe.takes_voices else "",
    )
