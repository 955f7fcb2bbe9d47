"""Answers as lines of text that other programs read: JSON Lines, CSV, subtitles, labels for Audacity."""

import csv
import html
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence

from ..messages import one_line
from .answer import Answer

FIELDS = ("file", "start", "end", "label", "score", "text", "source")  # of a row of CSV, before the classes and doubts


def row(answer: Answer, at_least: float = 0.0) -> dict:
    """An answer as plain values under stable names, in the order in which JSON Lines and CSV have them.

    file · start, end in seconds · label, the likeliest class, or "uncertain" below `at_least` · score, the probability
    of the likeliest · text and its source, "heard", "given" or "" · chances, of each class that was to choose from ·
    left_out, the other classes · doubts.
    """
    return {
        "file": answer.file,
        "start": round(answer.start, 3),
        "end": round(answer.end, 3),
        "label": answer.at_least(at_least),
        "score": round(float(answer.chance.max()), 4),
        "text": answer.text,
        "source": answer.source,
        "chances": {name: round(float(value), 4) for name, value in answer.chance.items()},
        "left_out": list(answer.left_out),
        "doubts": list(answer.doubts),
    }


def formatted(
    answers: Iterable[Answer], form: str, classes: Sequence[str] = (), at_least: float = 0.0
) -> Iterator[str]:
    """Lines of a format of `FORMATS`, each as soon as its answer is there.

    Args:
        classes: those that were to choose from, which CSV needs before the first answer.
    """
    if form == "csv":  # a column for each class, of its name where no other column has it
        chances = [f"chance of {name}" if name in (*FIELDS, "doubts") else name for name in classes]
        yield _csv_line([*FIELDS, *chances, "doubts"])
    if form == "vtt":
        yield "WEBVTT\n"
    for number, answer in enumerate(answers, start=1):
        yield FORMATS[form](number, row(answer, at_least))


def clock(seconds: float, mark: str = ".") -> str:
    """Hours, minutes, seconds, as subtitles have them.

    >>> clock(3723.5, ",")
    '01:02:03,500'
    """
    milli = round(1000 * seconds)
    return f"{milli // 3_600_000:02}:{milli // 60_000 % 60:02}:{milli // 1000 % 60:02}{mark}{milli % 1000:03}"


def _csv(_: int, its: dict) -> str:
    return _csv_line([*(its[name] for name in FIELDS), *its["chances"].values(), "; ".join(its["doubts"])])


def _csv_line(values: Sequence) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()


def _caption(its: dict) -> str:
    """The label, its probability and the text in one line."""
    doubtful = ", doubtful" if its["doubts"] else ""
    return one_line(" ".join(f"[{its['label']} {its['score']:.2f}{doubtful}] {its['text']}".split()))


def _srt(number: int, its: dict) -> str:
    caption = _caption(its).replace("-->", "→")
    return f"{number}\n{clock(its['start'], ',')} --> {clock(its['end'], ',')}\n{caption}\n"


def _vtt(_: int, its: dict) -> str:
    return f"{clock(its['start'])} --> {clock(its['end'])}\n{html.escape(_caption(its), quote=False)}\n"


def _audacity(_: int, its: dict) -> str:
    return f"{its['start']:.6f}\t{its['end']:.6f}\t{_caption(its)}"


FORMATS: dict[str, Callable[[int, dict], str]] = {  # a line of the number and the row of an answer
    "json": lambda _, its: json.dumps(its, ensure_ascii=False),
    "csv": _csv,
    "srt": _srt,
    "vtt": _vtt,
    "audacity": _audacity,
}
