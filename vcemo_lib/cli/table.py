"""`vcemo table` and `probe`: tables and claims of the paper, and studies beyond them, run or shown from records."""

from typing import Annotated

import typer

from ..disk import require_folder
from ..experiments.studies import STUDIES
from .arguments import Profile, at_home, flag


def table(
    which: Annotated[str, typer.Argument(help=f"1, 2 or 3, as in the paper, or a study: {', '.join(STUDIES)}.")],
    profile: Profile = "laptop",
    corpus: Annotated[str, typer.Option(help="A corpus of 'vcemo corpus list'.")] = "vcemo_sim",
    corpus_root: Annotated[str, typer.Option(help="Its folder, where it was not added.")] = "",
    seeds: Annotated[str, typer.Option(help="Seeds, divided by commas.")] = "0,1,2",
    split: Annotated[
        str,
        typer.Option(
            help="8/1/1, as in the paper, or speaker: no voice in two parts. ('vcemo train' has another default.)"
        ),
    ] = "8/1/1",
    jobs: Annotated[int, typer.Option(min=1, help="Runs at once, one thread each.")] = 2,
    engine: Annotated[
        str, typer.Option(help="processes, of this machine; or ray, as many runs at once as a Ray cluster has cores.")
    ] = "processes",
    folder: Annotated[str, typer.Option(callback=at_home, help="Folder of the records; results/… when empty.")] = "",
    show: Annotated[bool, flag("--show", "Only show what is recorded; train nothing.")] = False,
) -> None:
    """Make the runs of a table that are not recorded yet, and print it: the paper's value beside ours.

    Under it stand, unless --show is given, what is doubtful of the split, what simple classifiers reach on the same
    test part, and the models that give one answer to all of it.
    """
    from ..experiments.ray_tasks import require_ray
    from ..experiments.request import Request
    from ..experiments.tables import TableError

    if not all(seed.strip().isdecimal() for seed in seeds.split(",")):
        raise TableError(f"seeds {seeds!r}: give whole numbers divided by commas, such as 0,1,2")
    if engine not in ("processes", "ray"):
        raise TableError(f"--engine is {engine!r}: give processes or ray")
    if engine == "ray":
        require_ray()
    chosen = tuple(dict.fromkeys(int(seed) for seed in seeds.split(",")))
    name = int(which) if which.isdecimal() else which
    request = Request(name, profile, corpus, corpus_root, chosen, split, folder)
    require_folder(request.records_folder, "records are kept in a folder: give another --folder")
    if show:
        typer.echo("reading the corpus and the records …", err=True)  # the table itself may go to a file
    from ..experiments import parallel_runs as table_runs  # only now: it brings torch

    if not show:
        table_runs.run_table(request, jobs, lambda line: print(line, flush=True), engine)
    print(table_runs.show(request))
    if not show:
        from ..experiments.beside_tables import beside

        print(beside(request))


def probe(
    names: Annotated[list[str] | None, typer.Argument(help="Probes; all when none is given.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds each has in the end.")] = 10,
    show: Annotated[bool, flag("--show", "Only show what is recorded; train nothing.")] = False,
) -> None:
    """Make the runs of probes that are not recorded yet, each on one core, and print curves and verdicts."""
    from ..experiments.probes.probe_names import NAMES, require_probe

    for name in names or ():
        require_probe(name)
    import torch

    from ..experiments.probes import PROBES, claims, curves, recorded_runs, run_probe, verdict_of

    torch.set_num_threads(1)
    chosen = {name: PROBES[name] for name in names or NAMES}
    for name, one in chosen.items():
        runs = recorded_runs(one) if show else run_probe(one, seeds, on_run=lambda line: print(line, flush=True))
        if runs:
            print(f"\n{name}: {one.claim}\n{curves(one, runs).to_string()}\n{verdict_of(one, runs)}\n")
        else:
            print(f"{name}: not recorded; 'vcemo probe {name}' makes its runs")
    print(claims(chosen).to_string())
