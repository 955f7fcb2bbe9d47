"""Tools of the course: what a notebook uses while it runs, and what runs, checks and publishes notebooks.

This package knows nothing of emotions or models: it could serve another course.
"""

from ..errors import CourseError

__all__ = ["PROFILES", "Chapter", "CourseError", "Grader", "begin", "named"]


def __getattr__(name: str) -> object:
    """A chapter brings numpy, which the command line can do without until it runs one."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .exercise import grader
    from .notebook import chapter, glosses

    return getattr({"Grader": grader, "named": glosses}.get(name, chapter), name)
