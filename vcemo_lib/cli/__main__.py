"""`python -m vcemo_lib.cli` is `vcemo`, for launchers that take a module."""

from . import main

if __name__ == "__main__":  # the book's reference imports it
    main()
