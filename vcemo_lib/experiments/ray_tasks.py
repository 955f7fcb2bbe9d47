"""Work as tasks on a Ray cluster: a task whose machine is lost begins again on another, three times at most.

The cluster is the one that RAY_ADDRESS names or that runs on this machine; where there is none, one is started here.
A task takes one core, or one GPU where the cluster has some; the project lies on a disk that the machines share:

    .venv/bin/pip install ray                       # once; it is not in the lock
    .venv/bin/ray start --head                      # on the first machine, in the project's folder
    .venv/bin/ray start --address=FIRST:6379        # on each other
    RAY_ADDRESS=FIRST:6379 .venv/bin/vcemo table 1 --engine ray

A training goes on from its last epoch on that disk; a record that is there is never made again.
"""

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from importlib.util import find_spec

from ..errors import VcemoError

AGAIN = 3  # times at most that a task is begun again, whose process or machine was lost


class ClusterError(VcemoError):
    """Ray is not installed, the cluster that was named cannot be reached, or a task was lost for good."""


def require_ray() -> None:
    """Raise ClusterError where Ray is not installed."""
    if not find_spec("ray"):
        raise ClusterError(
            "--engine ray needs Ray, which is not installed: run 'pip install ray', or leave --engine out"
        )


def on_cluster(work: Callable, items: Sequence) -> Iterator[tuple[object, Future]]:
    """`work` of each item, as many at once as the cluster has cores (or GPUs): (item, its finished future) as they end.

    Raises:
        ClusterError: there is no Ray, or the cluster cannot be reached.
    """
    ray = _connected()
    try:
        gpus = min(1, ray.cluster_resources().get("GPU", 0))

        @ray.remote(num_cpus=1, num_gpus=gpus, max_retries=AGAIN)
        def task(item):
            return work(item)

        under_way = {task.remote(item): item for item in items}
        while under_way:
            for done in ray.wait(list(under_way))[0]:
                yield under_way.pop(done), _finished(done)
    finally:
        ray.shutdown()


def _connected():
    require_ray()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
    import ray

    try:
        _require_listener(os.environ.get("RAY_ADDRESS", ""))
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    except (OSError, RuntimeError, ValueError) as error:
        place = os.environ.get("RAY_ADDRESS", "this machine")
        raise ClusterError(
            f"the Ray cluster at {place} cannot be reached ({type(error).__name__}): start it with 'ray start --head', "
            "and give its address as RAY_ADDRESS=HOST:6379"
        ) from None
    return ray


def _require_listener(address: str) -> None:
    """Raise OSError where nothing listens at HOST:PORT: Ray would try again for minutes, then end the process."""
    host, _, port = address.rpartition(":")
    if port.isdigit() and "//" not in host:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()


def _finished(reference) -> Future:
    """What a task returned or raised, as the futures of a pool have it."""
    from ray import get
    from ray.exceptions import RayError, RayTaskError

    future: Future = Future()
    try:
        future.set_result(get(reference))
    except RayTaskError as error:
        future.set_exception(error.cause)
    except RayError as error:
        lost = f"its process or machine was lost {AGAIN + 1} times, as where memory is short"
        future.set_exception(ClusterError(f"{lost} ({type(error).__name__})"))
    return future
