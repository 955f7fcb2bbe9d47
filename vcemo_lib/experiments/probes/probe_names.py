"""Which probes there are, known before torch loads."""

from ...errors import VcemoError

NAMES = (
    "stress", "irony", "time", "length", "depth", "sentence_explains", "words_explain", "knowledge", "rare",
    "wrong_labels", "mixed", "augmentation",
)  # fmt: skip


class ProbeError(VcemoError):
    """A probe that there is not, or a record of one that cannot be used."""


def require_probe(name: str) -> None:
    """Raise ProbeError for a probe that there is not."""
    if name not in NAMES:
        raise ProbeError(f"there is no probe {name!r}: choose one of {', '.join(NAMES)}")
