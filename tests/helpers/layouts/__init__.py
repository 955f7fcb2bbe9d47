"""Tiny copies of corpora, each in its exact official layout, with the blemishes that its real copies have."""

from .mandarin import *  # noqa: F403
from .other_languages import *  # noqa: F403
from .sounds import *  # noqa: F403
