"""`vcemo cache`: how large it is, whether what is in it is whole, and taking out what is of no use."""

from typing import Annotated

import typer

from .arguments import flag

app = typer.Typer(no_args_is_help=True, help="Look at the cache, verify it, clean it. VCEMO_CACHE=FOLDER moves it.")


@app.command()
def size() -> None:
    """Say where the cache is and how much room each kind of thing takes."""
    from ..data.cache_care import sizes
    from ..disk import megabytes
    from ..paths import cache_dir

    kinds = sizes()
    for kind, (files, total) in kinds.items():
        print(f"{kind:<12} {files:>7,} files {megabytes(total):>10}")
    print(f"{megabytes(sum(total for _, total in kinds.values()))} in {cache_dir()}")


@app.command()
def verify() -> None:
    """Hold everything against its checksum; name what is damaged and the cure."""
    from ..data.cache_care import damaged, entries

    bad = list(damaged())
    for path, cure in bad:
        print(f"damaged: {path}: {cure}")
    print(f"{len(bad)} of {len(entries())} things in the cache are damaged")
    raise typer.Exit(1 if bad else 0)


@app.command()
def clean(
    features: Annotated[bool, flag("--features", "All features too; they are computed again when needed.")] = False,
) -> None:
    """Remove what killed processes left, damaged features, and locks that nobody holds."""
    from ..data.cache_care import clean as clean_up
    from ..disk import megabytes

    removed, total = clean_up(features)
    print(f"{removed:,} removed, {megabytes(total)}")
