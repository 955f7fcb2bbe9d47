"""Tools of the course: what a notebook uses while it runs, and what runs, checks and publishes notebooks.

This package knows nothing of emotions or models: it could serve another course.
"""

from .chapter import PROFILES, Chapter, begin
from .errors import CourseError
from .track import track

__all__ = ["PROFILES", "Chapter", "CourseError", "begin", "track"]
