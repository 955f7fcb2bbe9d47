"""What several commands take, and the judging of it."""

from collections.abc import Iterable
from typing import Annotated

import typer

from ..config import BACKENDS, ConfigError

Name = Annotated[str, typer.Argument(help="A corpus of 'vcemo corpus list'.")]
Root = Annotated[str, typer.Option(help="Its folder or table; empty: where 'add' said it is.")]
Strict = Annotated[str, typer.Option(help="true: refuse a copy that differs from what was published.")]
Pairs = list[str] | None


def truth(text: str) -> bool:
    """The value of --strict."""
    if text.lower() not in ("true", "false"):
        from ..data.corpus import CorpusError

        raise CorpusError(f"--strict is {text!r}: give true or false")
    return text.lower() == "true"


def pairs(texts: Iterable[str] | None) -> dict[str, str]:
    """From name=value, several times, to a dictionary."""
    for text in texts or ():
        if not text.partition("=")[0] or "=" not in text:
            from ..data.corpus import CorpusError

            raise CorpusError(f"{text!r} is not of the form name=value")
    return {text.partition("=")[0]: text.partition("=")[2] for text in texts or ()}


def require_backend(backend: str) -> None:
    """Refuse a recogniser that there is not before torch loads."""
    if backend not in BACKENDS:
        raise ConfigError(f"no Whisper back-end named {backend!r}: choose one of {', '.join(BACKENDS)}")
