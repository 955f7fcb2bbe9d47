"""Each test of faults has a cache of its own."""

import pytest
import torch
from campaign import Campaign, taken


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _figures(request):
    """The report of a test carries what its campaigns counted: tests/conftest.py prints them at the end."""
    taken()
    yield
    request.node.user_properties += [("faults", figures) for figures in taken()]


@pytest.fixture
def finish(capfd):
    """Print the figures of a campaign; what libraries written in C say of bad files is not shown."""

    def done(campaign: Campaign) -> None:
        with capfd.disabled():
            campaign.finish()

    return done
