"""One seed for everything random in a process."""

import importlib.util
import random

from ...errors import CourseError


def seed_everything(seed: int) -> list[str]:
    """Seed Python, numpy and torch where they are installed.

    Returns: the names of the generators seeded.
    Errors: `CourseError` when `seed` is not a whole number from 0 to 2**32 - 1.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise CourseError(f"The seed is {seed!r}; it must be a whole number from 0 to 4294967295.")
    random.seed(seed)
    seeded = ["python"]
    if importlib.util.find_spec("numpy"):
        import numpy

        numpy.random.seed(seed)
        seeded.append("numpy")
    if importlib.util.find_spec("torch"):
        import torch

        torch.manual_seed(seed)
        seeded.append("torch")
    return seeded
