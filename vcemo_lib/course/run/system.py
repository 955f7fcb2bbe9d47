"""What running chapters and marking answers needs of the operating system."""

import sys

from ...errors import CourseError


def require_unix(what: str) -> None:
    """Refuse Windows, which lacks what watches, measures and ends processes here (`resource`, `fork`, groups).

    Errors: `CourseError`.
    """
    if sys.platform == "win32":
        raise CourseError(f"{what} needs Linux or macOS; on Windows do it in WSL ('wsl --install'), or use JupyterLab.")
