"""What stands under a table: small parts, simple classifiers on its test parts, and models that say one thing."""

from ..data.speaker_splits import doubts
from ..data.splits import Split
from ..evaluation.metrics import IN_WORDS
from ..evaluation.simple import pooled, simple_answers
from .experiment import Experiment
from .parallel_runs import cells, records
from .request import Request
from .tables import Task, fitted


def beside(request: Request) -> str:
    """Lines of Markdown for each task of a table whose runs are recorded; its features are made where they are not."""
    lines = []
    for task in request.table.tasks:
        experiment = request.prepare(task.n_classes)
        splits = dict.fromkeys(cell.split for cell in cells(request.table, task, experiment, request.seeds[:1]))
        honest = [split for split in splits if not split.chosen_on_test]
        said = [*_small(experiment, honest), *_simple(request, task, experiment, honest), *_constant(request, task)]
        lines += [f"- {task.n_classes} classes, {sentence}" for sentence in said]
    return "\n".join(lines)


def _small(experiment: Experiment, splits: list[Split]) -> list[str]:
    """What `doubts` finds; the test parts of folds are judged together."""
    found = [(split.name, doubt) for split in splits for doubt in doubts(split, experiment.corpus)]
    return [f"{name}: {doubt}" for name, doubt in found if len(splits) == 1 or "the test part" not in doubt]


def _simple(request: Request, task: Task, experiment: Experiment, splits: list[Split]) -> list[str]:
    """The scores of each simple classifier that reads what the table's lead row reads, of folds of all answers."""
    recipe = next(fitted(row, experiment) for row in request.table.rows if row.name == request.table.lead)
    store, lines = experiment.by(recipe).store, []
    for name, its in pooled([simple_answers(store, split, recipe) for split in splits]).items():
        told = ", ".join(f"{IN_WORDS[metric]} {100 * its.scores[metric]:.1f}" for metric in task.metrics)
        lines.append(f"the same test part, {name}: {told}")
    return lines


def _constant(request: Request, task: Task) -> list[str]:
    """A sentence for each run whose model gives one answer."""
    return [
        f"{name}, seed {record['seed']}, has learnt nothing: it says {record['labels'][record['predicted'][0]]} to "
        "every clip"
        for (n_classes, _, name), kept in records(request).items()
        for record in kept
        if n_classes == task.n_classes and len(set(record["predicted"])) == 1
    ]
