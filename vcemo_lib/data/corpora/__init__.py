"""Corpora by name. Each file here knows one corpus and its official layout, and returns a `Corpus`."""

import os
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from ...digests import sha256
from ...messages import log
from ..corpus import Corpus, CorpusError
from ..labels import EMOTIONS, task_labels
from . import added, manifest, vcemo_sim
from .archives import is_archive, unpacked
from .card import CorpusCard
from .vcemo_sim import IRONY, KNOWLEDGE, MIXED, STRESS

NAMES = (
    "vcemo manifest emobox casia esd csemotions emotiontalk m3ed cped brighter meld ravdess cremad emodb nemo deeply "
    "iemocap"
).split()
MODULES = [vcemo_sim, STRESS, IRONY, KNOWLEDGE, MIXED, *(import_module(f".{name}", __name__) for name in NAMES)]
CORPORA = {module.CARD.name: module.load for module in MODULES}
CARDS: dict[str, CorpusCard] = {module.CARD.name: module.CARD for module in MODULES}


def load_corpus(
    name: str, root: str | Path = "", limit: int | None = None, strict: bool | None = None, **options
) -> Corpus:
    """Load a corpus by name, and say what it is; a corpus that does not ship shows its card on its first use.

    Args:
        name: one of `CORPORA`, or the name under which `vcemo corpus add --as NAME` wrote one down.
        root: its folder, or for `manifest` the table, or an archive of it, or its name at the Hugging Face hub; empty
            for the corpora that ship and for one that `vcemo corpus add` has written down.
        limit: keep at most this many utterances. VCEMO-Sim is in random order, so its first ones are a fair sample
            and stay the same when shards are added; of other corpora every emotion is taken in proportion.
        strict: hold the copy against the published counts; None: as was chosen on `add`, or as the loader does by
            itself.
        options: what the loader of this corpus takes beside these, see its docstring.

    Raises:
        CorpusError: unknown name, missing files, or a table that cannot be a corpus.
    """
    card, known = card_of(name), _known(name, root)
    if not root:
        require_place(name)
    options = (known.options if known else {}) | options | ({} if strict is None else {"strict": strict})
    read = CORPORA[card.name]
    corpus = read(located(card, known.root), **options) if known else read(**options)
    if name != card.name or card is manifest.CARD and known == added.recall(name):
        corpus = replace(corpus, name=name)  # of an added table messages say the name to type, not that of its file
    corpus = added.with_transcripts(corpus)
    if known:
        introduce(corpus, card)
    if limit is None or len(corpus) <= limit:
        return corpus
    kept = corpus.select(corpus.ids[:limit]) if name == "vcemo_sim" else subsample(corpus, limit)
    if len(kept) > limit + len(corpus.labels):  # more than rounding adds
        log.info(f"limit={limit} would leave too few of some classes: ten of each are kept, {len(kept)} in all")
    return kept


def card_of(name: str) -> CorpusCard:
    """The card of a corpus, or of the one that it was added as; CorpusError where it is neither known nor added."""
    known = None if name in CARDS else added.recall(name)
    if name not in CARDS and (known is None or known.reader not in CARDS):
        own = [other for other in added.added() if other not in CARDS]
        raise CorpusError(f"no corpus named {name!r}: choose one of {', '.join([*CARDS, *own])}")
    return CARDS[known.reader if known else name]


def require_place(name: str) -> None:
    """Raise CorpusError, before anything is read, for a corpus that does not ship and was not added, or has gone."""
    known = _known(name, "")
    if known and known.root != card_of(name).hub and not Path(known.root).exists():
        raise CorpusError(
            f"corpus {name!r} is not at {known.root} any more: run 'vcemo corpus add {name} FOLDER' again"
        )


def require_task(name: str, n_classes: int | None) -> None:
    """Raise TaskError, before anything is read, for a number of classes that a corpus of the six does not have."""
    if not has_own_classes(name):
        task_labels(n_classes)


def has_own_classes(name: str) -> bool:
    """Whether a corpus has other classes than the six emotions, by its card or as it was added."""
    known = added.recall(name)
    return card_of(name).classes != EMOTIONS or bool(known and known.options.get("classes") == "own")


def _known(name: str, root: str | Path) -> added.AddedCorpus | None:
    """The root that was given, or the one written down, with the options that belong to it."""
    known = added.recall(name)
    require_printable(root)
    if root:
        given = str(Path(root).expanduser().resolve())
        return known if known and known.root == given else added.AddedCorpus(str(root))
    if known or CARDS[name].simulated:  # these ship
        return known
    raise CorpusError(
        f"corpus {name!r} does not ship with the course: run 'vcemo corpus add {name} FOLDER' once, "
        "or pass its folder as corpus_root"
    )


def introduce(corpus: Corpus, card: CorpusCard) -> None:
    """Say the card at the first use on this machine, and a line at every use. Of your own table you know it all."""
    if card is not manifest.CARD and not card.simulated and added.first_use(card.name):
        log.info("\n".join(card.lines()))
    warning = "" if corpus.text_is_informative else " · its text carries no emotion: use modalities=('audio',)"
    left_out = sum(corpus.dropped.values())
    log.info(f"corpus {corpus.name}: {corpus.size}, {left_out:,} left out · licence: {card.licence}{warning}")


def subsample(corpus: Corpus, limit: int) -> Corpus:
    """A sample of each emotion, in proportion, at least ten; drawn by a hash of the ids, so that caches hold."""
    frame = corpus.frame
    share = limit / len(frame)
    drawn = frame["id"].map(lambda name: sha256(name.encode()))
    rank = drawn.groupby(frame["emotion"]).rank(method="first") - 1
    size = frame.groupby("emotion")["id"].transform("size")
    return corpus.select((rank < (size * share).clip(lower=10)).tolist())


def located(card: CorpusCard, root: str | Path) -> Path:
    """The folder or table that a root means; an archive is unpacked into the cache.

    Raises:
        CorpusError: nothing is there, or the archive cannot be used.
    """
    require_printable(root)
    path = Path(root).expanduser()
    if is_archive(path):
        return unpacked(path)
    if os.path.isfile(path) or os.path.isdir(path):
        return path
    if card.hub and str(root) == card.hub:
        return _at_the_hub(card.hub)
    raise CorpusError(f"no such corpus root: {root}: pass the folder or table that holds {card.layout}")


def require_printable(root: str | Path) -> None:
    """Raise CorpusError for a path that the list of corpora, which is UTF-8, cannot keep."""
    if not str(root).isprintable():
        raise CorpusError(f"the path {ascii(str(root))} is no printable Unicode: rename it")


def _at_the_hub(name: str) -> Path:
    """The folder of a data set in the cache of the Hugging Face hub; nothing is downloaded."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, repo_type="dataset", local_files_only=True))
    except (LocalEntryNotFoundError, OSError) as error:
        raise CorpusError(
            f"the data set {name} is not in the hub's cache ({type(error).__name__}): run 'hf download "
            f"--repo-type dataset {name}' where there is a network; a break is gone on with"
        ) from None
