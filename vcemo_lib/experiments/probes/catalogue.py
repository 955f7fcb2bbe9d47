"""All probes by name, in the order of the course."""

from .binding import BINDING
from .contrast import CONTRAST
from .disturbance import DISTURBANCE
from .fusion_order import DEPTH, ORDER
from .knowledge import KNOWLEDGE
from .probe import Probe
from .probe_names import require_probe
from .shared_time import SHARED_TIME

PROBES: dict[str, Probe] = {
    probe.name: probe
    for group in (BINDING, SHARED_TIME, DEPTH, ORDER, KNOWLEDGE, CONTRAST, DISTURBANCE)
    for probe in group
}


def probe_named(name: str) -> Probe:
    """A probe by its name."""
    require_probe(name)
    return PROBES[name]
