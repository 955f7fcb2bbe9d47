"""Sixty utterances of VCEMO-Sim, their features in a cache of their own, and a recipe that trains in seconds."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import torch
from campaign import together

from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.splits import split_8_1_1
from vcemo_lib.paths import DATA
from vcemo_lib.recipes import TINY

SMALL = TINY.but(
    name="small", limit=60, d=16, d_ff=32, n_heads=2, length=8, conv_channels=(4, 8), epochs=3, batch_size=8,
    queue_size=32, bert_dim=256, copies=1,
)  # fmt: skip


def pytest_terminal_summary(terminalreporter):
    """The figures of the campaigns under tests/faults, those of all workers, passed and failed."""
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    last = [report for report in reports if getattr(report, "when", "") == "teardown"]
    campaigns = [value for report in last for name, value in report.user_properties if name == "faults"]
    if campaigns:
        terminalreporter.section("faults, counted")
        terminalreporter.write("\n".join(together(campaigns)) + "\n")


@pytest.fixture(autouse=True)
def as_many_threads_as_before():
    """A command that a test runs here may take more; two a process, with as many tests as cores, are ten times slower."""
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def small():
    return SMALL


@pytest.fixture(scope="session")
def sim_root(tmp_path_factory):
    """A corpus folder with the first shard only, so that the tests cost the same when shards are added."""
    root = tmp_path_factory.mktemp("sim")
    (root / "shard-00.parquet").symlink_to(DATA / "vcemo_sim" / "shard-00.parquet")
    return root


@pytest.fixture(scope="session")
def corpus(sim_root):
    return load_corpus("vcemo_sim", sim_root, limit=60)


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory):
    """One for all workers of pytest-xdist: what one has computed the others read."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "vcemo-cache"


@pytest.fixture
def cache(cache_folder, monkeypatch):
    """`VCEMO_CACHE` during one test: a folder that all tests share."""
    monkeypatch.setenv("VCEMO_CACHE", str(cache_folder))
    return cache_folder


@pytest.fixture(scope="session")
def _store(corpus, cache_folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VCEMO_CACHE", str(cache_folder))
        return FeatureStore(corpus, SMALL.features)


@pytest.fixture
def store(_store, cache):
    return _store


@pytest.fixture(scope="session")
def split(corpus):
    return split_8_1_1(corpus)
