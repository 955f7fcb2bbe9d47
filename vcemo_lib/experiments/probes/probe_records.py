"""Records of probes: every arm, point and seed once, kept in results/probes, gone on with after a kill."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from time import monotonic

import numpy as np
import pandas as pd

from ...evaluation.metrics import seeds_interval
from ...evaluation.records import environment, write_rows
from ...paths import RESULTS
from ...storage import locked, read_json
from .probe import CONTROL, Probe
from .probe_names import ProbeError

FOLDER = RESULTS / "probes"
Runs = dict[str, dict[str, dict[str, list[float]]]]  # arm → point → metric → values, seed 0 first
SECONDS = "seconds"  # beside the metrics: what a trial took; older records lack it


def run_probe(
    probe: Probe, seeds: int = 10, folder: Path = FOLDER, on_run: Callable[[str], None] = lambda line: None
) -> Runs:
    """Make the runs that are not recorded yet, the control's too, seed by seed; each arm is kept when done.

    Of two processes at one probe the second waits, and then goes on from the record.
    """
    path, head = folder / f"{probe.name}.json", {"probe": probe.name, "key": probe.key, "environment": environment()}
    with locked(path):
        runs = recorded_runs(probe, folder)
        for seed, arm in product(range(seeds), (*probe.arms, CONTROL)):
            points = {point: runs.setdefault(arm, {}).setdefault(str(point), {}) for point in probe.points_of(arm)}
            missing = [point for point, values in points.items() if len(values.get(probe.metric, ())) <= seed]
            for point in missing:
                start = monotonic()
                for metric, value in probe.trial(arm, point, seed).items():
                    points[point].setdefault(metric, []).append(round(value, 4))
                points[point].setdefault(SECONDS, []).append(round(monotonic() - start, 1))
            if missing:
                write_rows(path, head, "runs", runs)
                longest = max(points[point][SECONDS][-1] for point in missing)
                on_run(f"{probe.name}, seed {seed}: {arm}, at most {longest} s a trial")
        return runs


def recorded_runs(probe: Probe, folder: Path = FOLDER) -> Runs:
    """What is recorded of a probe, nothing where there is no record.

    Raises:
        ProbeError: the record was made by another definition of the probe.
    """
    path = folder / f"{probe.name}.json"
    if not path.is_file():
        return {}
    record = read_json(path)
    if record["key"] != probe.key:
        raise ProbeError(
            f"the record of probe {probe.name!r} was made by another definition of it: delete {path.name} in "
            f"results/probes and run 'vcemo probe {probe.name}'"
        )
    return record["runs"]


def curve(runs: Runs, arm: str, metric: str) -> pd.DataFrame:
    """Per cent at each point of the dial: mean over the seeds, its 95 % interval, seeds, as columns."""
    return pd.DataFrame(
        {float(point): _interval(100 * np.array(values[metric])) for point, values in runs[arm].items()}
    ).T.rename_axis("dial")


def gain_of(runs: Runs, lead: str, rival: str, metric: str) -> pd.DataFrame:
    """Lead minus rival in points at each point of the dial, paired by seed: the columns of `curve`."""
    lines = {}
    for point, values in runs[lead].items():
        a, b = values[metric], runs[rival].get(point, {}).get(metric, [])
        n = min(len(a), len(b))
        if n:
            lines[float(point)] = _interval(100 * (np.array(a[:n]) - np.array(b[:n])))
    return pd.DataFrame(lines).T.rename_axis("dial")


def _interval(values: np.ndarray) -> dict[str, float]:
    low, high = seeds_interval(values)
    return {"mean": values.mean(), "low": low, "high": high, "seeds": len(values)}
