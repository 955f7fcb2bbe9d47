"""Running chapters: several at once, each in its own process, none repeated without need; then what tells of them."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ...errors import CourseError
from ...storage import read_json, remove, write_json
from .environment import chapter_environment, require_unix
from .plan import NOTEBOOKS, ChapterSpec, Plan, load_plan
from .progress import Progress
from .request import RunRequest
from .state import ChapterState, Dependencies, StateStore


@dataclass
class Outcome:
    """What a run did: the chapters it meant, how each ended, and which of them were done before."""

    specs: tuple[ChapterSpec, ...]
    states: dict[str, ChapterState]
    reused: frozenset[str]

    @property
    def lost(self) -> dict[str, ChapterState]:
        """The chapters that are not done."""
        return {number: state for number, state in self.states.items() if state.status != "done"}


def run_batch(request: RunRequest, folder=NOTEBOOKS) -> int:
    """Run a request, write its reports and, if asked, renew the committed notebooks; 0 when all is done, else 1."""
    require_unix("Running chapters")
    plan = load_plan(folder)
    outcome = run_course(plan, request)
    from ..check.write_back import link_neighbours, write_back  # which need this module
    from ..pages.report import write_reports

    page = write_reports(plan, request, outcome)
    if request.write:
        written = write_back(outcome, request.folder)
        print(f"wrote {len(written)} notebooks: {', '.join(written) or 'none'}")
        if linked := link_neighbours(plan.chapters):
            print(f"links to the chapters before and after written in {', '.join(linked)}")
    print(f"{len(outcome.states) - len(outcome.lost)} of {len(outcome.states)} chapters done; read {page}")
    return 1 if outcome.lost else 0


def run_course(plan: Plan, request: RunRequest) -> Outcome:
    """Execute the chapters of a request that are not done yet.

    Errors: `CourseError` before anything runs, for parameters or chapters that cannot be, or when another run
    is using the output folder. A failing chapter is no exception: it is an outcome.
    """
    specs = plan.choose(request.chapters)
    parameters = request.parameters(specs)
    (request.folder / ".state").mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(request.folder / ".state" / "lock", timeout=0):
            for unfinished in (request.folder / ".state").glob(".*.part"):  # of a run that was killed
                remove(unfinished)
            return _Run(request, parameters).over(specs, plan)
    except Timeout as error:
        raise CourseError(f"Another run is writing to {request.folder}; wait, or give another --out.") from error


class _Run:
    """One run over one output folder."""

    def __init__(self, request: RunRequest, parameters: dict[str, dict[str, Any]]) -> None:
        self.out, self.jobs, self.parameters = request.folder, request.jobs, parameters
        corpora = [(given.get("corpus", ""), given.get("corpus_root", "")) for given in parameters.values()]
        self.store, self.progress = StateStore(self.out), Progress()
        self.dependencies = Dependencies(corpora, request.sounds)
        self.processes: list[subprocess.Popen] = []
        self.stopped = False

    def over(self, specs: tuple[ChapterSpec, ...], plan: Plan) -> Outcome:
        """Take over what still holds and run the rest, first what took longest the last time, or will by the plan."""
        reused = [spec for spec in specs if self.store.is_current(spec.number, self._fingerprint(spec))]
        todo = [spec for spec in specs if spec not in reused]
        todo.sort(key=lambda spec: (-self._past_seconds(spec), plan.rank(spec)))
        profiles = [self.parameters[spec.number].get("profile", "tiny") for spec in todo]
        environments = [chapter_environment(self.out / ".state", profile, self.jobs) for profile in profiles]
        states = {spec.number: self.store.read(spec.number) for spec in reused}
        with self.progress.over(specs, len(reused)), ThreadPoolExecutor(self.jobs) as pool:
            try:
                states |= {state.number: state for state in pool.map(self._chapter, todo, environments)}
            except BaseException:  # Ctrl-C and the like: what is ended here has not failed
                self.stopped = True
                raise
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
                for process in self.processes:
                    process.terminate()
        return Outcome(specs, dict(sorted(states.items())), frozenset(spec.number for spec in reused))

    def _fingerprint(self, spec: ChapterSpec) -> str:
        return self.dependencies.fingerprint(spec, self.parameters[spec.number])

    def _past_seconds(self, spec: ChapterSpec) -> float:
        state = self.store.read(spec.number)
        return state.seconds if state else float("inf")  # a chapter never run may be a long one

    def _chapter(self, spec: ChapterSpec, environment: dict[str, str]) -> ChapterState:
        """Execute one chapter, move what it made to its place, and only then keep its outcome."""
        self.store.forget(spec.number)
        self.progress.started(spec)
        state = ChapterState(spec.number, "failed", self._fingerprint(spec), self.parameters[spec.number])
        work = self.out / ".state" / "work" / spec.number
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        code = self._execute(spec, work, environment)
        if (work / "result.json").is_file():
            vars(state).update(read_json(work / "result.json"))
            state.files = self.store.hashes(self._take_over(spec, work))
        else:
            lines = (work / "log.txt").read_text(errors="replace").strip().splitlines() or ["no message"]
            state.error = f"the process ended with code {code}: {lines[-1]}"
        if not self.stopped:
            self.store.write(state)
            self.progress.ended(spec, state)
        return state

    def _execute(self, spec: ChapterSpec, work: Path, environment: dict[str, str]) -> int:
        paths = {"notebook": spec.path, "folder": spec.path.parent, "work": work, "html": self.out / "html"}
        job = {name: str(path) for name, path in paths.items()}
        job |= {"title": spec.title, "parameters": self.parameters[spec.number], "parent": os.getpid()}
        command = [sys.executable, "-m", "vcemo_lib.course.run.job", str(write_json(work / "job.json", job))]
        with open(work / "log.txt", "wb") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            process = subprocess.Popen(command, env=environment, cwd=spec.path.parent, **streams)
            self.processes.append(process)
            return process.wait()

    def _take_over(self, spec: ChapterSpec, work: Path) -> list[Path]:
        """Move the executed notebook and its page to their places. Returns: where all files of the chapter are."""
        places = {"ipynb": self.out / "notebooks", "html": self.out / "html"}
        for kind, folder in places.items():
            folder.mkdir(exist_ok=True)
            if (work / f"run.{kind}").is_file():
                (work / f"run.{kind}").replace(folder / f"{spec.path.stem}.{kind}")
        moved = [folder / f"{spec.path.stem}.{kind}" for kind, folder in places.items()]
        return [*moved, self.out / spec.number / "record.json", *(self.out / spec.number / "figures").glob("*.png")]
