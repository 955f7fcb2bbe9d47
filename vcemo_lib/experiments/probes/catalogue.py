"""All probes by name, in the order of the course."""

from .binding import BINDING
from .contrast import CONTRAST
from .disturbance import DISTURBANCE
from .fusion_order import DEPTH, ORDER
from .knowledge import KNOWLEDGE
from .probe import Probe
from .shared_time import SHARED_TIME

_ALL = (*BINDING, *SHARED_TIME, DEPTH, *ORDER, KNOWLEDGE, *CONTRAST, DISTURBANCE)
PROBES: dict[str, Probe] = {probe.name: probe for probe in _ALL}
