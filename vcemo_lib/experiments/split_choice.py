"""The split of one training run by its name: the one that fits the corpus, or one of a table's."""

from collections.abc import Callable

from ..data.corpora import card_of
from ..data.corpus import Corpus, CorpusError
from ..data.splits import Split, split_8_1_1
from ..messages import log
from .request import SPLITS

NAMES = ("fitting", *SPLITS)


def rule(split: str, corpus: str) -> Callable[[Corpus, int], Split]:
    """What cuts a corpus into three parts.

    Args:
        split: one of `NAMES`; "" is the fitting one where it can be made, else 8/1/1, which is then said.
        corpus: its name; the rule that fits is on its card, as `vcemo corpus show` prints it.

    Raises:
        CorpusError: no such split.
    """
    if split and split not in NAMES:
        raise CorpusError(f"--split is {split!r}: choose one of {', '.join(NAMES)}")
    if split in SPLITS:
        return SPLITS[split]

    def fitting(loaded: Corpus, seed: int = 0) -> Split:
        try:
            one = card_of(corpus).split(loaded, seed)
            if empty := [part for part in ("train", "val", "test") if not getattr(one, part)]:
                raise CorpusError(f"split {one.name!r} leaves {', '.join(empty)} empty: give --split 8/1/1 or speaker")
            return one
        except CorpusError as error:
            if split:
                raise
            other = split_8_1_1(loaded, seed)  # refused where it cannot be made either: nothing is promised then
            log.warning(
                f"the split that fits {corpus} cannot be made ({error}): it is cut by utterance, voices in all parts"
            )
            return other

    return fitting
