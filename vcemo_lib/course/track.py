"""Progress as a few fixed lines: no bars, no times, so that two runs print the same."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from .errors import CourseError

Item = TypeVar("Item")


def track(iterable: Iterable[Item], total: int | None = None, label: str = "done") -> Iterator[Item]:
    """Yield the items, printing one line at each quarter of `total`.

    Args: total, how many items there are; `len(iterable)` when not given.
    """
    if total is None:
        if not hasattr(iterable, "__len__"):
            raise CourseError("track() cannot know how long this iterable is; give total=.")
        total = len(iterable)
    marks = sorted({-(-total * quarter // 4) for quarter in (1, 2, 3, 4)})
    for count, item in enumerate(iterable, start=1):
        yield item
        if count in marks:
            print(f"{label}: {count} of {total}", flush=True)
