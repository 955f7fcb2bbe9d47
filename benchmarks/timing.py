"""Ours against rivals: the same inputs, results shown equal first, then A B A B in one process.

A machine is never quiet. So the time of the processor is counted, not that of the clock, each round runs every call
once, in an order of its own since a call leaves caches and heap to the next, the ratio is taken round by round, and
medians stand beside their quartiles.
"""

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

Call = Callable[[], object]


@dataclass
class Case:
    """One row of the table.

    Args:
        subject, name: what is measured, and on what.
        ours: the library's call.
        rivals: by name what a user would pick instead, on the same inputs.
        equal: asserts that the results agree, before anything is timed.
        missing: by name why a rival is not measured here.
        wanted: by name of a rival, how many times as fast ours is to be.
        limit: "flops" counts those of ours, a number is the bytes it must move; None where neither is the bound.
        memory: whether the memory that each call needs besides its arguments is measured.
        note: what a reader must know about the row.
    """

    subject: str
    name: str
    ours: Call
    rivals: dict[str, Call]
    equal: Call
    missing: dict[str, str] = field(default_factory=dict)
    wanted: dict[str, float] = field(default_factory=dict)
    limit: str | float | None = None
    memory: bool = False
    note: str = ""


def measure(case: Case, rounds: int = 15) -> dict:
    """The row of a case, plain data: milliseconds as [median, lower and upper quartile], ratios to ours likewise.

    Raises:
        AssertionError: the results of ours and a rival are not equal.
    """
    case.equal()
    calls = {"ours": case.ours, **case.rivals}
    limit = _limit(case)
    times = alternately(calls, rounds)
    row = {
        "subject": case.subject,
        "case": case.name,
        "rounds": len(times["ours"]),
        "ms": {name: quartiles(1e3 * seconds_of) for name, seconds_of in times.items()},
        "ratio": {name: quartiles(times[name] / times["ours"]) for name in case.rivals},
        "wanted": case.wanted,
        "missing": case.missing,
        "note": case.note,
    }
    if limit:
        row |= {"limit_ms": round(1e3 * limit, 4), "times_limit": round(float(np.median(times["ours"])) / limit, 2)}
    return row | ({"extra_mb": {name: extra_memory(call) for name, call in calls.items()}} if case.memory else {})


def alternately(calls: dict[str, Call], rounds: int) -> dict[str, np.ndarray]:
    """Processor seconds of each call in each round; one round before is not counted."""
    for call in calls.values():
        call()
    seconds_of, order = {name: [] for name in calls}, np.random.default_rng(0)
    for _ in range(rounds):
        for name in order.permutation(list(calls)):
            begin = time.process_time()
            calls[name]()
            seconds_of[name].append(time.process_time() - begin)
    return {name: np.array(its) for name, its in seconds_of.items()}


def quartiles(x: np.ndarray) -> list[float]:
    """[median, lower quartile, upper quartile]."""
    return [round(float(q), 4) for q in np.quantile(x, (0.5, 0.25, 0.75))]


def _limit(case: Case) -> float | None:
    """Seconds that the machine needs at least: counted work over the rate that it reaches in these minutes."""
    if case.limit is None:
        return None
    return count_flops(case.ours) / product_rate() if case.limit == "flops" else case.limit / copy_rate()


def count_flops(call: Call) -> float:
    """Operations of matrix products, convolutions and LSTM in one call, forwards and backwards."""
    fused = {torch.ops.aten.mkldnn_rnn_layer: _lstm, torch.ops.aten.mkldnn_rnn_layer_backward: _lstm_backward}
    with FlopCounterMode(display=False, custom_mapping=fused) as counter:
        call()
    return counter.get_total_flops()


def _lstm(x, of_input, of_state, *_, **__) -> int:
    """Shapes of the input (T, B, n_in) and of the weights (4h, n_in), (4h, h) → operations."""
    return 2 * x[0] * x[1] * of_input[0] * (of_input[1] + of_state[1])


def _lstm_backward(x, of_input, of_state, *_, **__) -> int:
    return 2 * _lstm(x, of_input, of_state)


def product_rate(n: int = 1024) -> float:
    """Operations a second of a matrix product (n, n) · (n, n) in float32, the best of seven."""
    a, b = torch.randn(n, n), torch.randn(n, n)
    return 2 * n**3 / _best(lambda: a @ b)


def copy_rate(n: int = 16_000_000) -> float:
    """Bytes a second that a copy reads and writes, the best of seven."""
    a, b = torch.zeros(n), torch.zeros(n)
    return 2 * 4 * n / _best(lambda: b.copy_(a))


def _best(call: Call) -> float:
    return float(alternately({"ours": call}, 7)["ours"].min())


def extra_memory(call: Call) -> float | None:
    """MB that the process grows by at most while a call runs; None where the system does not tell (not Linux)."""
    peak = Path("/proc/self/clear_refs")
    if not peak.exists():
        return None
    ctypes.CDLL(None).malloc_trim(0)  # what is free in the heap would be used unseen
    peak.write_text("5")  # forgets the peak so far (man proc)
    before = status("VmRSS")
    call()
    return round(max(status("VmHWM") - before, 0) / 1e3, 1)


def status(name: str) -> int:
    """KB of a line of /proc/self/status."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


def installed(name: str) -> bool:
    """Whether a rival's package is there."""
    from importlib.util import find_spec

    return find_spec(name) is not None


def not_there(*packages: str) -> dict[str, str]:
    """By name the rivals that are not measured since they are not installed (`make bench` brings them)."""
    return {name: "not installed" for name in packages if not installed(name)}
