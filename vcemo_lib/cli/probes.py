"""`vcemo probe`: the claims of the paper on made-up corpora, run or shown from their records."""

from typing import Annotated

import typer


def probe(
    names: Annotated[list[str] | None, typer.Argument(help="Probes; all when none is given.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds each has in the end.")] = 10,
    show: Annotated[
        bool, typer.Option("--show", metavar="", help="Only show what is recorded; train nothing.")
    ] = False,
) -> None:
    """Make the runs of probes that are not recorded yet, each on one core, and print curves and verdicts."""
    from ..experiments.probes.probe_names import NAMES, require_probe

    for name in names or ():
        require_probe(name)
    import torch

    from ..experiments.probes import claims, curves, probe_named, recorded_runs, run_probe, verdict_of

    torch.set_num_threads(1)
    chosen = {name: probe_named(name) for name in names or NAMES}
    for name, one in chosen.items():
        runs = recorded_runs(one) if show else run_probe(one, seeds, on_run=lambda line: print(line, flush=True))
        if runs:
            print(f"\n{name}: {one.claim}\n{curves(one, runs).to_string()}\n{verdict_of(one, runs)}\n")
        else:
            print(f"{name}: not recorded; 'vcemo probe {name}' makes its runs")
    print(claims(chosen).to_string())
