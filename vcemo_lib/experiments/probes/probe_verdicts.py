"""What the numbers of a probe say of its claim: one sentence, and one table of all probes."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from .probe import CONTROL, Probe
from .probe_records import FOLDER, Runs, curve, gain_of, recorded_runs

LEAST = 1.0  # points: a smaller difference is not worth a word, however sure
NOT_RUN = "not run"
LEARNT = 2.0  # points above the ceiling without the planted link, below which the task is not learnt


def verdict_of(probe: Probe, runs: Runs) -> str:
    """Whether the lead is better than the rival by more than noise, and from which point of the dial on.

    More than noise: the 95 % interval over seeds of the paired difference leaves out 0, and its mean is LEAST or more.
    """
    gains = gain_of(runs, probe.lead, probe.rival, probe.metric)
    what = f"{probe.lead} against {probe.rival}"
    better, worse = (gains.index[sure] for sure in _sure(gains))
    if not _learnt(probe, runs, gains):
        where = "where they differ" if len(better) or len(worse) else "wherever the link tells"
        return f"not learnt: {where}, neither {probe.lead} nor {probe.rival} is above the ceiling without the link"
    if len(better) and len(worse):
        return f"mixed: {what} gains {_at(gains, better)}, and loses {_at(gains, worse)}"
    if len(better):
        alike = [point for point in gains.index if point not in better]
        rest = f"; not more than noise {_at(gains, alike)}" if alike else ""
        return f"holds: {what} gains {_at(gains, better)}{rest}"
    if len(worse):
        return f"reversed: {what} loses {_at(gains, worse)}"
    widest = max(abs(gains[["low", "high"]].to_numpy().ravel()))
    reach = f"nowhere on the dial does an interval reach beyond {widest:.1f} points"
    return f"not found: {what} is never surely apart by a point or more; {reach}"


def _learnt(probe: Probe, runs: Runs, gains: pd.DataFrame) -> bool:
    """Whether lead or rival uses the planted link: at the point of the largest sure difference, else at any point."""
    asked = [told_at(gains)] if pd.concat(_sure(gains)).any() else list(gains.index)
    telling = [point for point in asked if 100 * probe.floor(point) <= 100 * probe.ceiling(point) - LEARNT]
    of = [curve(runs, arm, probe.metric)["mean"] for arm in (probe.lead, probe.rival)]
    used = [max(means[point] for means in of) > 100 * probe.floor(point) + LEARNT for point in telling]
    return any(used) or not telling


def _sure(gains: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """At which points the lead is better, and worse."""
    return (gains["low"] > 0) & (gains["mean"] >= LEAST), (gains["high"] < 0) & (gains["mean"] <= -LEAST)


def told_at(gains: pd.DataFrame) -> float:
    """The point of the largest sure difference, or of the largest where none is sure."""
    better, worse = _sure(gains)
    sure = better | worse
    return gains["mean"][sure if sure.any() else slice(None)].abs().idxmax()


def _at(gains: pd.DataFrame, points) -> str:
    return ", ".join(f"at {point:g} {_told(gains.loc[point])}" for point in points)


def _told(gain: pd.Series) -> str:
    return f"{gain['mean']:+.1f} ({gain['low']:+.1f} to {gain['high']:+.1f})"


def curves(probe: Probe, runs: Runs) -> pd.DataFrame:
    """Per cent, an arm a row and a point a column, mean with its interval; below, what could be reached."""
    lines = {}
    for arm in runs:
        line = curve(runs, arm, probe.metric)
        name = f"{probe.lead}, link shuffled" if arm == CONTROL else arm
        lines[name] = {f"{p:g}": f"{r['mean']:.1f} ({r['low']:.1f} to {r['high']:.1f})" for p, r in line.iterrows()}
    for name, bound in (("ceiling", probe.ceiling), ("ceiling without the link", probe.floor)):
        lines[name] = {f"{point:g}": f"{100 * bound(point):.1f}" for point in probe.points}
    columns = [f"{point:g}" for point in probe.points]
    return pd.DataFrame(lines).T.reindex(columns=columns).fillna("").rename_axis(probe.dial)


def beside_rival(probes: Sequence[Probe], metrics: Sequence[str] = ()) -> pd.DataFrame:
    """Every arm of probes with the same arms, minus their rival at the end of the dial, in points.

    Args:
        metrics: which of a probe's scores, a column each; without, the one by which its claim is judged.
    """
    columns: dict[str, dict[str, str]] = {}
    for probe, metric in [(one, metric) for one in probes for metric in metrics or (one.metric,)]:
        runs, column = recorded_runs(probe), columns.setdefault(f"{probe.name}, {metric}", {})
        for arm in probe.arms:
            if arm in runs and arm != probe.rival and probe.rival in runs:
                column[arm] = _told(gain_of(runs, arm, probe.rival, metric).iloc[-1])
    return pd.DataFrame(columns).fillna(NOT_RUN).rename_axis(f"minus {probes[0].rival}")


def _mean(runs: Runs, arm: str, metric: str, point) -> str:
    """Of an arm at a point of the dial; of the control, which may run at the end alone, where it ran."""
    if arm not in runs:
        return NOT_RUN
    means = curve(runs, arm, metric)["mean"]
    return f"{means[point]:.1f}" if point in means else f"{means.iloc[-1]:.1f}, at {means.index[-1]:g}"


def claims(probes: dict[str, Probe], folder: Path = FOLDER) -> pd.DataFrame:
    """All recorded probes: claim, what is compared, largest effect along the dial with its interval, verdict.

    The effect is the largest sure one, or the largest; `reached` and `ceiling` are per cent at the same point.
    """
    lines = {}
    for name, probe in probes.items():
        runs = recorded_runs(probe, folder)
        if probe.lead not in runs or probe.rival not in runs:
            continue
        gains = gain_of(runs, probe.lead, probe.rival, probe.metric)
        point = told_at(gains)
        lines[name] = {
            "claim": probe.claim,
            "compared": f"{probe.lead} − {probe.rival}",
            "largest effect": f"{_told(gains.loc[point])}, at {point:g}",
            "reached": _mean(runs, probe.lead, probe.metric, point),
            "ceiling": f"{100 * probe.ceiling(point):.1f}",
            "link shuffled": _mean(runs, CONTROL, probe.metric, point),
            "without the link": f"{100 * probe.floor(point):.1f}",
            "verdict": verdict_of(probe, runs).partition(":")[0],
            "seeds": f"{gains['seeds'].min():.0f}",
        }
    return pd.DataFrame(lines).T.rename_axis("probe")
