"""Answers as they are printed: for people, or in a format of other programs."""

import sys
from collections.abc import Iterable, Iterator

from ..inference.answer import Answer, Listener
from ..inference.asked import Problem
from ..inference.prediction import Prediction
from ..inference.recordings import Opened, how_followed
from ..inference.row_formats import clock, formatted
from ..messages import one_line


class Shown:
    """Prints answers as they come. In another form than text all that is no answer goes to stderr.

    `answered` has them all without what is large, `problems` the files without one.
    """

    def __init__(self, form: str, listener: Listener, at_least: float):
        self.form, self.listener, self.at_least = form, listener, at_least
        self.answered: list[Answer] = []
        self.problems: list[Problem] = []

    def note(self, sentence: str) -> None:
        """Say something beside the answers."""
        print(sentence, file=sys.stdout if self.form == "text" else sys.stderr, flush=True)

    def begin(self, sentences: Iterable[str]) -> None:
        """What holds of all answers, then these sentences."""
        listener = self.listener
        if doubt := listener.bundle.doubt:
            self.note(f"doubtful model: {doubt}")
        if listener.left_out:
            self.note(f"answers are among {', '.join(listener.classes)} alone, whose chances add up to 1")
        for sentence in sentences:
            self.note(sentence)

    def answers(self, outcomes: Iterable[Answer | Problem | Opened]) -> None:
        """Print them."""
        if self.form == "text":
            shown = ("\n".join(self._text(one)) for one in self._noted(outcomes))
        else:
            answers = (one for one in self._noted(outcomes) if isinstance(one, Answer))
            shown = formatted(answers, self.form, self.listener.classes, self.at_least)
        for line in shown:
            print(line, flush=True)

    def _noted(self, outcomes: Iterable[Answer | Problem | Opened]) -> Iterator[Answer | Opened]:
        for one in outcomes:
            if isinstance(one, Problem):
                self.problems.append(one)
                where = sys.stdout if self.form in ("text", "json") else sys.stderr
                print(one.told(self.form), file=where, flush=True)
                continue
            if isinstance(one, Answer):
                self.answered.append(Answer(**{name: getattr(one, name) for name in Answer.__dataclass_fields__}))
            elif self.form != "text":
                self.note(_opened(one, self.listener))
            yield one

    def _text(self, one: Answer | Opened) -> list[str]:
        if isinstance(one, Prediction):
            return lines(one, self.at_least)
        if isinstance(one, Answer):
            return [table_row(one, self.at_least)]
        return [_opened(one, self.listener), heading(self.listener.classes)]


def _opened(one: Opened, listener: Listener) -> str:
    length = f" ({one.seconds:.1f} s)" if one.seconds else ""
    return one_line(f"{one.file}{length}") + f": {how_followed(listener.bundle.recipe.features.max_seconds)}"


def lines(p: Prediction, at_least: float = 0.0) -> list[str]:
    """A prediction as text."""
    out = [
        one_line(f"{p.file} ({p.seconds:.1f} s): {p.at_least(at_least)}"),
        *(f"  doubtful  {doubt}" for doubt in p.doubts),
        *([f"  {p.source}     {one_line(p.text)}"] if p.source else []),
        "  chances   " + "  ".join(f"{name} {value:.2f}" for name, value in p.chance.items()),
    ]
    if p.sound is not None:
        out.append("  where the model looked, shares of 1:")
        best = sorted(p.sound.argsort()[::-1][:3])
        step = p.seconds / len(p.sound)
        shares = (f"{p.start + k * step:.2f}–{p.start + (k + 1) * step:.2f} s {p.sound[k]:.2f}" for k in best)
        out.append("    sound   " + "  ".join(shares))
    if p.words is not None:
        out.append("    words   " + "  ".join(f"{word} {value:.2f}" for word, value in p.words.items()))
    if len(p.without) > 1:  # without the only input there is nothing to answer from
        out.append("  chances where one input is silenced:")
        for name, row in p.without.iterrows():
            out.append(f"    {name:<14}" + "  ".join(f"{emotion} {value:.2f}" for emotion, value in row.items()))
    return out


def heading(classes: tuple[str, ...]) -> str:
    """The first row of the table of a recording's utterances."""
    return f"  {'start':<12}  {'end':<12}  {'answer':<9}  " + "  ".join(f"{name:>5}" for name in classes) + "  text"


def table_row(answer: Answer, at_least: float = 0.0) -> str:
    """A further row of it: the probabilities under their classes, the text, and the doubts in brackets."""
    chances = "  ".join(f"{value:>{max(len(name), 5)}.2f}" for name, value in answer.chance.items())
    told = f"  {one_line(answer.text)}" + (f" ({', '.join(answer.doubts)})" if answer.doubts else "")
    return f"  {clock(answer.start)}  {clock(answer.end)}  {answer.at_least(at_least):<9}  {chances}{told.rstrip()}"
