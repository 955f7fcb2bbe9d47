"""The object a notebook talks to: it shows, plays, checks and records, and knows where its files go."""

import math
import random
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...errors import CourseError
from ...messages import show_messages
from ...paths import runs_dir
from ...storage import write_bytes, write_json
from . import display, glosses, media
from .threads import pin
from .words import figure_words, table_caption

PROFILES = ("tiny", "laptop", "paper")
LEAST_ALT = 20  # characters; a shorter text names a picture, it does not describe it


class Chapter:
    """One running chapter. Made by `begin`.

    Attributes: number ("04"), profile, seed, out (folder of everything it writes).
    """

    def __init__(self, number: str, profile: str, seed: int, out: Path, parameters: dict[str, Any]) -> None:
        self.number, self.profile, self.seed, self.out = number, profile, seed, Path(out)
        given = plain("parameters", {**parameters, "profile": profile, "seed": seed})
        self._record: dict[str, Any] = {"chapter": number, "profile": profile, "seed": seed, "parameters": given}
        self._record |= {"figures": {}, "sounds": 0, "checks": [], "values": {}}
        for old in (self.out / "figures").glob(f"{number}_*.png"):
            old.unlink()  # of an earlier run; a renamed figure would stay for ever
        self._save()

    def show(self, fig, number: str, alt: str = "", caption: str = "", dpi: int = 90) -> None:
        """Show a matplotlib figure with its words, save it as `out/figures/04_1_….png`, and close it.

        Args: number, "4.1", the chapter and a running number; alt, what is to be seen, for those who do not
        see it (at least 20 characters); caption, one sentence; dpi, at most 100. Words that are not given are
        those of `notebooks/figures.yaml`.
        """
        from matplotlib import pyplot, text

        words = figure_words().get(number, {})
        alt, caption = alt or words.get("alt", ""), caption or words.get("caption", "")
        self._require_figure_words(number, alt, caption)
        png = media.png_bytes(fig, dpi)
        words = re.findall(r"[a-z0-9]+", caption.lower())[:5]
        name = "_".join([self.number, number.split(".")[1], "-".join(words) or "figure"]) + ".png"
        write_bytes(self.out / "figures" / name, png)
        for data, metadata in display.figure_bundles(png, number, alt, caption):
            display.publish(data, metadata)
        self.gloss(*(drawn.get_text() for drawn in fig.findobj(text.Text)))
        pyplot.close(fig)  # a figure left open would be drawn a second time at the end of the cell
        self._record["figures"][number] = {"file": f"figures/{name}", "alt": alt, "caption": caption}
        self._save()

    def play(
        self, wave, rate: int, transcript: str, pinyin: str = "", gloss: str = "", emotion: str = "", listen: str = ""
    ) -> None:
        """Show a player for one clip with what is said in it.

        Args: wave, (T,) floats; rate, samples a second; transcript, the words; pinyin and gloss for Chinese, made
        from the transcript where they are left out; emotion, shown when it is asked for; listen, what to listen for.
        Errors: `CourseError` without a transcript.
        """
        if not transcript.strip():
            raise CourseError("play() needs a transcript: it is all there is for a reader who cannot hear.")
        pinyin, gloss = pinyin or glosses.pinyin(transcript), gloss or glosses.english(transcript)
        mp3 = media.mp3_bytes(wave, rate)
        words = dict(transcript=transcript, pinyin=pinyin, gloss=gloss, emotion=emotion, listen=listen)
        display.publish(display.sound_bundle(mp3, len(wave) / rate, words))
        self._record["sounds"] += 1
        self._save()

    def table(self, frame, caption: str = "", *, name: str = "", **values: Any) -> None:
        """Show a pandas frame as a table with a caption; floats keep four significant digits.

        Args: caption, one sentence that says what the numbers are; or name, of a caption of this chapter in
        `notebooks/tables.yaml`, and the values that stand in braces there.
        Errors: `CourseError` where neither is given, or both.
        """
        if bool(caption.strip()) == bool(name) or (caption and values):
            raise CourseError("table() needs a caption, one sentence on the numbers, or the name of one and values.")
        caption = caption or table_caption(self.number, name, values)
        display.publish(display.table_bundle(frame, caption))
        self.gloss(caption, *display.cells_of(frame))

    def gloss(self, *texts: str) -> None:
        """Show pinyin and English of the Chinese in some texts, folded; nothing where there is none."""
        if items := glosses.items(*map(str, texts)):
            display.publish(glosses.gloss_bundle(items))

    def labels(self, words: Iterable[str]) -> list[str]:
        """Words for the axis of a figure: Chinese ones with pinyin and English, for those who read none."""
        return [glosses.spelt(str(word)) for word in words]

    def check(self, claim: str, condition: Any, cure: str) -> None:
        """Print `✓ claim` when `condition` holds; otherwise stop with a message that teaches.

        Args: claim, what is true; condition, one yes or no; cure, what to look at when it is not true.
        Errors: `AssertionError` with claim and cure; `CourseError` for a condition of many values.
        """
        try:
            holds = bool(condition)
        except (ValueError, RuntimeError) as error:  # arrays and tensors refuse to be one yes or no
            message = f"check({claim!r}) was given many values; reduce them with .all() or .any() first."
            raise CourseError(message) from error
        if not holds:
            raise AssertionError(f"✗ {claim}. {cure}")
        print(f"✓ {claim}")
        self._record["checks"].append(claim)
        self._save()

    def record(self, **values: Any) -> None:
        """Keep numbers in `out/record.json`, beside the figures and the parameters of this run."""
        self._record["values"].update({name: plain(name, value) for name, value in values.items()})
        self._save()
        print(f"recorded: {', '.join(values)}")

    def _require_figure_words(self, number: str, alt: str, caption: str) -> None:
        own = int(self.number)
        if not re.fullmatch(rf"{own}\.[1-9]\d*", number):
            how = f'write "{own}.1", "{own}.2" and so on'
            raise CourseError(f"Figure number {number!r} does not fit chapter {self.number}; {how}.")
        if len(alt.strip()) < LEAST_ALT:
            raise CourseError(f"Figure {number} has the alternative text {alt!r}; describe it in a sentence.")
        if not caption.strip():
            raise CourseError(f"Figure {number} has no caption; write one sentence.")

    def _save(self) -> None:
        write_json(self.out / "record.json", self._record)


def begin(chapter: str, profile: str = "tiny", seed: int = 0, out: str = "", **parameters: Any) -> Chapter:
    """Start a chapter: check its parameters, seed everything, print one line that is the same everywhere.

    Args: chapter, two digits; profile, one of `PROFILES`; seed; out, a folder, empty for
    `runs/<profile>/<chapter>`; parameters, whatever else the run used and the record should name (corpus…).
    Errors: `CourseError` for a chapter, profile or seed that cannot be.
    """
    if not re.fullmatch(r"\d\d", str(chapter)):
        raise CourseError(f'The chapter is {chapter!r}; write its two digits, such as "04".')
    require_profile(profile)
    require_seed(seed)
    pin()
    import numpy
    import torch

    for generator in (random.seed, numpy.random.seed, torch.manual_seed):
        generator(seed)
    show_messages()
    folder = Path(out).expanduser().resolve() if out else runs_dir() / profile / chapter
    print(f"Chapter {chapter} · profile {profile} · seed {seed}")
    return Chapter(chapter, profile, seed, folder, parameters)


def require_profile(name: str) -> None:
    """`CourseError` for a profile that is none of `PROFILES`."""
    if name not in PROFILES:
        raise CourseError(f"The profile is {name!r}; choose one of {', '.join(PROFILES)}.")


def require_seed(seed: int) -> None:
    """`CourseError` for what is not a whole number from 0 to 2**32 - 1."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise CourseError(f"The seed is {seed!r}; it must be a whole number from 0 to 4294967295.")


def plain(name: str, value: Any) -> Any:
    """`value` as JSON holds it: numpy and torch become numbers and lists, frames rows, paths text.

    Values of numpy, torch and pandas are known by their methods, so that none has to be imported.
    Errors: `CourseError` that names the entry when it is NaN, infinite or of a kind JSON has no form for.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise CourseError(f"The recorded value {name} is {value}; record None where there is no number.")
    if value is None or isinstance(value, bool | int | str | float):
        return float(value) if isinstance(value, float) else value
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, Mapping):
        return {str(key): plain(f"{name}.{key}", item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(f"{name}[{index}]", item) for index, item in enumerate(value)]
    if hasattr(value, "to_dict"):
        return plain(name, value.to_dict("records") if hasattr(value, "columns") else value.to_dict())
    if hasattr(value, "tolist"):
        return plain(name, value.tolist())
    kind = type(value).__name__
    raise CourseError(f"The recorded value {name} is a {kind}; record numbers, texts, lists or dicts.")
