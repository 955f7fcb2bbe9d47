"""Memory that a process freed, given back to the system."""

import ctypes
import sys


def give_back() -> None:
    """Return the free pages of the heap to the system, where its C library can (glibc on Linux).

    glibc keeps what is freed between two blocks that are in use: making features leaves 60 MB so, a training 110, which
    the modules and arrays that come later do not fill.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)
