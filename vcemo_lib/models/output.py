"""What every model returns."""

from dataclasses import dataclass, field

from torch import Tensor


@dataclass
class Output:
    """What every model returns.

    logits (B, C) · h (B, d_proj) the projector's output before normalisation, None in a baseline · attention
    the named maps, if they were asked for.
    """

    logits: Tensor
    h: Tensor | None = None
    attention: dict[str, Tensor] = field(default_factory=dict)
