"""What every model returns."""

from dataclasses import dataclass, field

from torch import Tensor


@dataclass
class Output:
    """What every model returns."""

    logits: Tensor  # (B, C)
    h: Tensor | None = None  # (B, d_proj), the projector's output before normalisation; None in a baseline
    attention: dict[str, Tensor] = field(default_factory=dict)  # the named maps, if they were asked for
