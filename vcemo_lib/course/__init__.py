"""Tools of the course: what a notebook uses while it runs, and what runs, checks and publishes notebooks.

This package knows nothing of emotions or models: it could serve another course.
"""

from ..errors import CourseError
from .notebook.chapter import PROFILES, Chapter, begin

__all__ = ["PROFILES", "Chapter", "CourseError", "begin"]
