"""The chapters for Google Colab: each brings the course to the machine on which it is opened.

Colab opens one notebook, from a drive or by an upload, without the folders beside it. So each chapter begins with a
cell that clones and installs the course where it is not, and carries its drawings.
"""

import re
from pathlib import Path

from ...errors import CourseError
from ..notebook.reading import Notebook
from .edition import carried, write_copies

SIBLING = re.compile(r"\]\((\d\d_\w+\.ipynb[^)]*)\)")
FETCH = """\
# Bring the course to a machine that lacks it, such as Google Colab's: once, in minutes.
# Where the course is, nothing is done.
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

if find_spec("vcemo_lib") is None:
    course_folder = Path("vcemo").resolve()
    if not course_folder.is_dir():
        clone = ["git", "clone", "--quiet", {address!r}, course_folder]
        subprocess.run(clone, check=True)
    pip, extras = [sys.executable, "-m", "pip"], "[asr,export,datasets]"
    # Colab's torchvision fits Colab's torch; beside another torch BERT cannot load
    subprocess.run([*pip, "uninstall", "--quiet", "--yes", "torchvision"], check=True)
    install = [*pip, "install", "--quiet", "--editable", f"{{course_folder}}{{extras}}"]
    subprocess.run(install, check=True)
    sys.path.insert(0, str(course_folder))
if "google.colab" in sys.modules:
    from google.colab import output

    output.enable_custom_widget_manager()  # the recorder of chapter 16
"""


def write_colab(target: Path, address: str, chapters: tuple[str, ...] = ()) -> list[Path]:
    """Write chapters that fetch the course into a folder; outputs and solutions stay.

    Links to other chapters lead to the pages of the repository, where it has some (as GitHub and GitLab have).

    Args: address: what `git clone` takes, readable from where the chapters are opened.
    Errors: `CourseError` as for the students' edition, and for what is no address.
    """
    if address.startswith("-") or not set(address) & set(":/"):
        raise CourseError(f"{address!r} is no address of a git repository, such as https://host/name/course.git.")

    pages = f"{address.rstrip('/').removesuffix('.git')}/blob/HEAD/notebooks/" if address.startswith("https://") else ""

    def change(notebook: Notebook, path: Path) -> None:
        from nbformat.v4 import new_code_cell

        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = carried(cell.source, path.parent, "vcemo/")
                cell.source = SIBLING.sub(lambda found: f"]({pages}{found[1]})", cell.source)
        fetch = new_code_cell(FETCH.format(address=address), id="colab-fetch", metadata={"tags": ["colab"]})
        notebook.cells.insert(0, fetch)

    return write_copies(target, chapters, change)
