"""`python -m vcemo_lib.cli` is `vcemo`, for launchers that take a module."""

from . import main

main()
