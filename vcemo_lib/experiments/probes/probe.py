"""A probe: a claim, a corpus with a dial, the systems that are compared on it, and what could be reached at best."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from ...data.batch import Batch
from ...digests import content_key, settings
from ...models.output import Output
from .loop import SMALL, Plan, answers, late, train
from .synthetic import shuffled

VERSION = 1  # rises when a corpus, the loop or a score is changed: old records are then not gone on with
CONTROL = "control: lead, planted link shuffled"  # an arm of every probe
TEST = 500  # utterances of a test part


@dataclass(frozen=True)
class Arm:
    """One system of a probe: what it changes in the small model and in the plan; `late` fuses two experts instead."""

    model: dict = field(default_factory=dict)
    plan: dict = field(default_factory=dict)
    late: bool = False


def accuracy(output: Output, test: Batch) -> dict[str, float]:
    """The share of test utterances that is answered rightly."""
    return {"accuracy": (output.logits.argmax(1) == test.labels).float().mean().item()}


@dataclass(frozen=True)
class Probe:
    """One claim of the paper on one made-up corpus."""

    name: str
    claim: str
    dial: str
    points: tuple[float, ...]
    arms: dict[str, Arm]
    lead: str  # the claim is that it is better
    rival: str  # than this
    corpus: Callable[[float, int, int, bool], Batch]  # (point of the dial, utterances, seed, test?) → all as one batch
    ceiling: Callable[[float], float]  # point → the best possible score, computed from how the corpus is made
    floor: Callable[[float], float]  # point → the best possible without the planted link, as when `planted` is shuffled
    along: tuple[str, ...] = ()  # the arms run at every point besides lead and rival; the others only at the last
    planted: str = "mel"
    metric: str = "accuracy"
    score: Callable[[Output, Batch], dict[str, float]] = accuracy
    model: dict = field(default_factory=dict)
    by_point: Callable[[float], dict] = lambda point: {}  # what a point changes in the model, where the dial is its own
    plan: Plan = Plan()
    utterances: int = 2000

    @property
    def key(self) -> str:
        """Changes with all that decides its numbers and can be said in plain data."""
        arms = {name: (arm.model, arm.plan if "view" not in arm.plan else {**arm.plan, "view": 1}, arm.late)
                for name, arm in self.arms.items()}  # fmt: skip
        plan = {**settings(self.plan), "view": self.plan.view is not None}
        return content_key(VERSION, self.name, arms, self.model, plan, self.utterances, settings(SMALL))

    def points_of(self, arm: str) -> tuple[float, ...]:
        """The points of the dial at which an arm is run."""
        return self.points if arm in (self.lead, self.rival, *self.along) else self.points[-1:]

    def trial(self, arm: str, point: float, seed: int, shuffle: bool = False) -> dict[str, float]:
        """Train one arm, or the lead as `CONTROL`, at one point of the dial and score it on a test part of its own.

        Args:
            shuffle: whether the planted tensor goes to other utterances, in training and in test; always in `CONTROL`.
        """
        batches = [self.corpus(point, n, seed, test) for n, test in ((self.utterances, False), (TEST, True))]
        if shuffle or arm == CONTROL:
            batches = [shuffled(batch, self.planted, torch.Generator().manual_seed(seed)) for batch in batches]
        made = self.arms[self.lead if arm == CONTROL else arm]
        return self.score(self._answers(made, point, *batches, seed), batches[1])

    def _answers(self, arm: Arm, point: float, fit: Batch, test: Batch, seed: int) -> Output:
        plan = replace(self.plan, **arm.plan)
        config = replace(SMALL, **self.model, **self.by_point(point))
        if not arm.late:
            return answers(train(replace(config, **arm.model), fit, plan, seed), test)
        experts = [train(replace(config, modalities=(name,)), fit, plan, seed) for name in ("words", "audio")]
        words, sound = (answers(expert, test).logits for expert in experts)
        return Output(late(words, sound, fit.labels))


def bayes(log_likelihood: Tensor) -> float:
    """The accuracy of who knows how the corpus is made: the mean of the largest posterior over a sample of it.

    From log p(x | e) (N, C), all emotions e being equally frequent.
    """
    return log_likelihood.softmax(1).amax(1).mean().item()
