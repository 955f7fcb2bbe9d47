"""What a model folder says to people: what it was trained on, how well it does, what it must not be used for."""

from collections.abc import Sequence

from ..data.labels import EMOTIONS, FOUR
from ..evaluation.records import ProtocolCard
from ..recipes import Recipe


def describe_model(
    recipe: Recipe, labels: Sequence[str], language: str, card: ProtocolCard, scores: dict, verdict: str
) -> str:
    """The text of MODEL_CARD.md."""
    numbers = "\n".join(f"| {name} | {value:.3f} |" for name, value in scores.items())
    voices = (
        "Its training voices were synthesised: of people it knows nothing."
        if card.simulated
        else "It knows the kind of speech it was trained on."
    )
    own_voice = (
        "- Each speaker's own mean was taken from the sound, in the test part too, from the speaker's other recordings "
        "without labels.\n  Give `predict` some clips of the person (`--enrol`): without them it is less often right.\n"
        if recipe.takes_voices
        else ""
    )
    together = (
        "- Its split does not keep speakers apart: the scores are of people who may have been heard in training,\n"
        "  and tell nothing of others.\n"
        if "audio" in recipe.model.reads and "speaker" not in card.disjoint
        else ""
    )
    kind = "emotions" if labels in (FOUR, EMOTIONS) else "classes"
    return f"""# A speech emotion model ({recipe.model.system}, {len(labels)} {kind})

Trained by `vcemo train`, recipe {recipe.name} ({recipe.key}). It reads {", ".join(recipe.model.modalities)}; language
{language}; {card.reading}.

## Measured on the test part

| measure | value |
|---|---|
{numbers}

{card.label()}
{verdict and f"{chr(10)}Beside the simple classifiers: {verdict}.{chr(10)}"}
## Limits

- It answers with the likeliest of {", ".join(labels)}, whatever it hears: "none of these"
  is no answer it has.
- {voices}
{own_voice}{together}- Do not decide anything about a person with it: what a voice shows is not what somebody feels.
"""
