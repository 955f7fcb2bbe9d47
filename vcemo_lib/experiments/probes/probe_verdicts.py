"""What the numbers of a probe say of its claim: one sentence, and one table of all probes."""

from pathlib import Path

import pandas as pd

from .probe import CONTROL, Probe
from .probe_records import FOLDER, Runs, curve, gain_of, recorded_runs


def verdict_of(probe: Probe, runs: Runs) -> str:
    """Whether the lead is better than the rival by more than noise, and from which point of the dial on.

    More than noise: the 95 % interval over seeds of the paired difference leaves out 0.
    """
    found = gain_of(runs, probe.lead, probe.rival, probe.metric)
    what = f"{probe.lead} against {probe.rival}"
    better, worse = found.index[found["low"] > 0], found.index[found["high"] < 0]
    if len(better) and len(worse):
        return f"mixed: {what} gains {_at(found, better)}, and loses {_at(found, worse)}"
    if len(better):
        alike = [point for point in found.index if point not in better]
        rest = f"; not more than noise {_at(found, alike)}" if alike else ""
        return f"holds: {what} gains {_at(found, better)}{rest}"
    if len(worse):
        return f"reversed: {what} loses {_at(found, worse)}"
    widest = max(abs(found[["low", "high"]].to_numpy().ravel()))
    return f"not found: {what} is never apart by more than noise; more than {widest:.1f} points are excluded"


def _at(found: pd.DataFrame, points) -> str:
    rows = ((point, found.loc[point]) for point in points)
    cells = [f"at {point:g} {row['mean']:+.1f} ({row['low']:+.1f} to {row['high']:+.1f})" for point, row in rows]
    return ", ".join(cells)


def curves(probe: Probe, runs: Runs) -> pd.DataFrame:
    """Per cent, an arm a row and a point a column, mean with its interval; below, what could be reached."""
    lines = {}
    for arm in runs:
        line = curve(runs, arm, probe.metric)
        lines[arm] = {f"{p:g}": f"{r['mean']:.1f} ({r['low']:.1f} to {r['high']:.1f})" for p, r in line.iterrows()}
    for name, bound in (("ceiling", probe.ceiling), ("ceiling without the planted link", probe.floor)):
        lines[name] = {f"{point:g}": f"{100 * bound(point):.1f}" for point in probe.points}
    columns = [f"{point:g}" for point in probe.points]
    return pd.DataFrame(lines).T.reindex(columns=columns).fillna("").rename_axis(probe.dial)


def _mean(runs: Runs, arm: str, metric: str) -> str:
    return f"{curve(runs, arm, metric)['mean'].iloc[-1]:.1f}" if arm in runs else "not run"


def claims(probes: dict[str, Probe], folder: Path = FOLDER) -> pd.DataFrame:
    """All recorded probes: claim, what is compared, largest effect along the dial with its interval, verdict.

    `reached`, `ceiling` and the control are per cent at the end of the dial.
    """
    lines = {}
    for name, probe in probes.items():
        runs = recorded_runs(probe, folder)
        if probe.lead not in runs or probe.rival not in runs:
            continue
        found = gain_of(runs, probe.lead, probe.rival, probe.metric)
        largest, point = found["mean"].abs().idxmax(), probe.points[-1]
        lines[name] = {
            "claim": probe.claim,
            "compared": f"{probe.lead} − {probe.rival}",
            "largest effect": _at(found, [largest]).removeprefix(f"at {largest:g} ") + f", at {largest:g}",
            "reached": _mean(runs, probe.lead, probe.metric),
            "ceiling": f"{100 * probe.ceiling(point):.1f}",
            "link shuffled": _mean(runs, CONTROL, probe.metric),
            "without the link": f"{100 * probe.floor(point):.1f}",
            "verdict": verdict_of(probe, runs).partition(":")[0],
            "seeds": f"{found['seeds'].min():.0f}",
        }
    return pd.DataFrame(lines).T.rename_axis("probe")
