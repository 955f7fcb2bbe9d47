"""Runs on a Ray cluster: a machine that is lost half-way loses no record, and none is made twice."""

import threading
import time
from functools import partial
from pathlib import Path

import pytest
from ray_work import recorded
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.experiments import ray_tasks
from vcemo_lib.experiments.ray_tasks import ClusterError, on_cluster
from vcemo_lib.experiments.tables import TableError


@pytest.fixture
def cluster(monkeypatch):
    """Two machines of one core, as Ray plays them on this one."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install ray")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1] / "helpers"), prepend=":")
    from ray.cluster_utils import Cluster

    two = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    monkeypatch.setenv("RAY_ADDRESS", two.address)
    yield two, two.add_node(num_cpus=1)
    two.shutdown()


def test_a_machine_dies_and_every_record_is_there_once(cluster, tmp_path):
    machines, mortal = cluster
    items = [*range(8), -1]
    killed = threading.Thread(target=kill_half_way, args=(machines, mortal, tmp_path))
    killed.start()
    done = dict(on_cluster(partial(recorded, str(tmp_path)), items))
    killed.join()
    assert set(done) == set(items)
    assert isinstance(done.pop(-1).exception(), ValueError)
    assert {item: future.result() for item, future in done.items()} == {item: {"item": item} for item in range(8)}
    assert sorted(path.name for path in tmp_path.glob("*.json")) == [f"{item}.json" for item in range(8)]
    assert {path.read_text() for path in tmp_path.glob("*.made")} == {"x"}
    assert max(len(path.read_text()) for path in tmp_path.glob("[0-9].begun")) > 1  # one was lost at work


def kill_half_way(machines, mortal, folder: Path) -> None:
    """End one machine when two records are there and both are at work on the next."""
    while len(list(folder.glob("*.json"))) < 2 or at_work(folder) < 2:
        time.sleep(0.05)
    machines.remove_node(mortal, allow_graceful=False)


def at_work(folder: Path) -> int:
    return len(list(folder.glob("*.begun"))) - len(list(folder.glob("*.made")))


def test_a_cluster_that_does_not_answer_is_a_sentence(monkeypatch):
    pytest.importorskip("ray", reason="Ray is not installed: pip install ray")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(ClusterError, match="the Ray cluster at 127.0.0.1:1 cannot be reached .*'ray start --head'"):
        list(on_cluster(str, [1]))


def test_without_ray_the_table_says_what_to_install_before_it_begins(monkeypatch):
    monkeypatch.setattr(ray_tasks, "find_spec", lambda name: None)
    with pytest.raises(ClusterError, match="--engine ray needs Ray, which is not installed: run 'pip install ray'"):
        CliRunner().invoke(app, ["table", "1", "--engine", "ray"], catch_exceptions=False)


def test_an_engine_that_there_is_not_is_refused():
    with pytest.raises(TableError, match="--engine is 'dask': give processes or ray"):
        CliRunner().invoke(app, ["table", "1", "--engine", "dask"], catch_exceptions=False)
