"""Adam (Kingma & Ba 2015) with the decay in the gradient, as `torch.optim.Adam` has it, by the same fused kernel.

torch's own class imports its compiler at the first call: a second and 110 MB in every process that trains.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim.adam import adam


class Adam:
    """m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,  θ ← θ − η · m̂ / (√v̂ + ε), with g the gradient plus λθ.

    A parameter without a gradient stays as it is. `rate` is η, of the next step.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], rate: float, weight_decay: float = 0.0):
        self.parameters, self.rate, self.weight_decay = list(parameters), rate, weight_decay
        self.means, self.squares = ([torch.zeros_like(p) for p in self.parameters] for _ in range(2))
        self.steps = [torch.zeros((), device=p.device) for p in self.parameters]

    @torch.no_grad()
    def step(self) -> None:
        """One step along the gradients."""
        state = zip(self.parameters, self.means, self.squares, self.steps, strict=True)
        moved = [(p, p.grad, *of) for p, *of in state if p.grad is not None]
        parameters, gradients, means, squares, steps = map(list, zip(*moved, strict=True))
        settings = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "amsgrad": False, "maximize": False, "fused": True}
        settings |= {"lr": self.rate, "weight_decay": self.weight_decay}
        adam(parameters, gradients, means, squares, [], steps, **settings)

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    def state_dict(self) -> dict[str, list[Tensor]]:
        """What the next step depends on, besides the parameters and the rate."""
        return {"means": self.means, "squares": self.squares, "steps": self.steps}

    def load_state_dict(self, state: dict[str, list[Tensor]]) -> None:
        """Go on from a state of the same parameters."""
        for name, own in self.state_dict().items():
            for mine, kept in zip(own, state[name], strict=True):
                mine.copy_(kept)
