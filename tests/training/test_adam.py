"""Adam against torch's own class, which makes the same steps one by one."""

import subprocess
import sys

import torch

from vcemo_lib.training.adam import Adam


def weights() -> list[torch.nn.Parameter]:
    generator = torch.Generator().manual_seed(0)
    return [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in ((3, 4), (5,), (2,))]


def give_gradients(parameters, seed: int) -> None:
    """To all but the last, which no loss reaches."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in parameters[:-1]:
        parameter.grad = torch.randn(parameter.shape, generator=generator)


def test_its_steps_are_those_of_torch():
    ours, theirs = weights(), weights()
    mine = Adam(ours, 1e-2, 0.1)
    reference = torch.optim.Adam(theirs, lr=1e-2, weight_decay=0.1, foreach=False, fused=False)
    for k in range(5):
        give_gradients(ours, k)
        give_gradients(theirs, k)
        mine.rate = reference.param_groups[0]["lr"] = 1e-2 / (k + 1)
        mine.step()
        reference.step()
        mine.zero_grad()
        assert all(parameter.grad is None for parameter in ours)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)
    assert torch.equal(ours[-1], weights()[-1])


def test_it_goes_on_from_its_state():
    straight, broken = weights(), weights()
    mine, first = Adam(straight, 1e-2), Adam(broken, 1e-2)
    for optimiser, parameters in ((mine, straight), (first, broken)):
        give_gradients(parameters, 1)
        optimiser.step()
    second = Adam(broken, 1e-2)
    second.load_state_dict(first.state_dict())
    for optimiser, parameters in ((mine, straight), (second, broken)):
        give_gradients(parameters, 2)
        optimiser.step()
    assert all(map(torch.equal, straight, broken))


def test_a_step_brings_no_compiler():
    code = (
        "import sys, torch; from vcemo_lib.training.adam import Adam; p = torch.nn.Parameter(torch.ones(2));"
        "a = Adam([p], 0.1); p.sum().backward(); a.step(); a.zero_grad(); print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
