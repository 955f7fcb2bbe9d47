"""Running chapters: in order, several at once, each in its own process, none repeated without need."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from filelock import FileLock, Timeout

from ...errors import CourseError
from ...paths import ROOT
from ...storage import read_json, write_json
from .environment import chapter_environment
from .plan import ChapterSpec, Plan
from .progress import Progress
from .request import RunRequest
from .state import ChapterState, Ground, StateStore, file_hash


@dataclass
class Outcome:
    """What a run did: the chapters it meant, how each ended, and which of them were done before."""

    specs: tuple[ChapterSpec, ...]
    states: dict[str, ChapterState]
    reused: frozenset[str]

    @property
    def ok(self) -> bool:
        """Whether every chapter is done."""
        return all(state.status == "done" for state in self.states.values())


def run_course(plan: Plan, request: RunRequest, progress: Progress | None = None) -> Outcome:
    """Execute the chapters of a request that are not done yet.

    Errors: `CourseError` before anything runs, for parameters or chapters that cannot be, or when another run
    is using the output folder. A failing chapter is no exception: it is an outcome.
    """
    specs = plan.choose(request.chapters)
    parameters = request.parameters(specs)
    out = request.folder
    out.mkdir(parents=True, exist_ok=True)
    (out / ".state").mkdir(exist_ok=True)
    lock = FileLock(out / ".state" / "lock")
    try:
        with lock.acquire(timeout=0):
            return Runner(specs, parameters, request, progress or Progress()).run()
    except Timeout as error:
        raise CourseError(f"Another run is writing to {out}; wait for it, or give another --out.") from error


class Runner:
    """One run over one output folder."""

    def __init__(self, specs: Sequence[ChapterSpec], parameters: dict, request: RunRequest, progress: Progress) -> None:
        self.specs, self.parameters, self.jobs, self.progress = (
            tuple(specs),
            parameters,
            request.jobs,
            progress,
        )
        self.out, self.store = request.folder, StateStore(request.folder)
        self.ground = Ground(request.corpus_root)
        self.fingerprints: dict[str, str] = {}
        self.past = {spec.number: self._past_seconds(spec) for spec in specs}
        self.states: dict[str, ChapterState] = {}
        self.running: dict[str, tuple[subprocess.Popen, ChapterSpec]] = {}

    def _past_seconds(self, spec: ChapterSpec) -> float:
        state = self.store.read(spec.number)
        return state.seconds if state else float("inf")  # a chapter never run may be a long one

    def run(self) -> Outcome:
        """Start what may start, wait, and go on until every chapter has an outcome."""
        reused = self._reuse()
        with self.progress.over(self.specs, reused):
            try:
                while len(self.states) < len(self.specs):
                    self._skip()
                    self._start()
                    self._collect()
            finally:
                self._stop()
        return Outcome(self.specs, self.states, reused)

    def _reuse(self) -> frozenset[str]:
        """Take over the chapters that still hold: nothing of their own changed, nor of those they need."""
        chosen = {spec.number for spec in self.specs}
        for spec in self.specs:
            settled = all(need in self.states for need in spec.needs if need in chosen)
            if settled and self.store.is_current(spec.number, self._fingerprint(spec)):
                self.states[spec.number] = self.store.read(spec.number)
        return frozenset(self.states)

    def _fingerprint(self, spec: ChapterSpec) -> str:
        return self.ground.fingerprint(spec, self.parameters[spec.number], self.store)

    def _waiting(self) -> list[ChapterSpec]:
        return [s for s in self.specs if s.number not in self.states and s.number not in self.running]

    def _skip(self) -> None:
        for spec in self._waiting():
            lost = [n for n in spec.needs if n in self.states and self.states[n].status != "done"]
            if lost:
                error = f"not run: it needs chapter {lost[0]}, which is {self.states[lost[0]].status}"
                self._end(spec, ChapterState(spec.number, "skipped", error=error))

    def _start(self) -> None:
        chosen = {spec.number for spec in self.specs}
        ready = [s for s in self._waiting() if all(n in self.states or n not in chosen for n in s.needs)]
        ready.sort(key=lambda spec: -self.past[spec.number])
        for spec in ready[: self.jobs - len(self.running)]:
            self.store.forget(spec.number)
            self.fingerprints[spec.number] = self._fingerprint(spec)
            self.running[spec.number] = (self._launch(spec), spec)
            self.progress.started(spec)

    def _launch(self, spec: ChapterSpec) -> subprocess.Popen:
        work = self.out / ".state" / "work" / spec.number
        work.mkdir(parents=True, exist_ok=True)
        for left in work.iterdir():
            left.unlink()
        job = {
            "notebook": str(spec.path),
            "folder": str(spec.path.parent),
            "executed": str(work / "run.ipynb"),
        }
        job |= {"html": str(work / "run.html"), "result": str(work / "result.json"), "title": spec.title}
        job |= {"parameters": self.parameters[spec.number], "html_folder": str(self.out / "html")}
        profile = self.parameters[spec.number].get("profile", "tiny")
        environment = chapter_environment(self.out / ".state", profile, self.jobs)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        with open(work / "log.txt", "wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "vcemo_lib.course.run.execute", str(write_json(work / "job.json", job))],
                env=environment,
                cwd=spec.path.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _collect(self) -> None:
        time.sleep(0.05)
        self.progress.tick()
        for number, (process, spec) in list(self.running.items()):
            if process.poll() is not None:
                del self.running[number]
                self._end(spec, self._finish(spec, process.returncode))

    def _finish(self, spec: ChapterSpec, code: int) -> ChapterState:
        work = self.out / ".state" / "work" / spec.number
        state = ChapterState(spec.number, "failed", self.fingerprints[spec.number], self.parameters[spec.number])
        if not (work / "result.json").is_file():
            lines = (work / "log.txt").read_text(errors="replace").strip().splitlines()
            state.error = f"the process ended with code {code}: {lines[-1] if lines else 'no message'}"
            return state
        for name, value in read_json(work / "result.json").items():
            setattr(state, name, value)
        for kind, folder in (("ipynb", "notebooks"), ("html", "html")):
            if (work / f"run.{kind}").is_file():
                target = self.out / folder / f"{spec.path.stem}.{kind}"
                target.parent.mkdir(exist_ok=True)
                os.replace(work / f"run.{kind}", target)
                state.files[target.relative_to(self.out).as_posix()] = file_hash(target)
        state.files |= self._chapter_files(spec)
        return state

    def _chapter_files(self, spec: ChapterSpec) -> dict[str, str]:
        folder = self.out / spec.number
        paths = [folder / "record.json", *sorted((folder / "figures").glob("*.png"))]
        return {p.relative_to(self.out).as_posix(): file_hash(p) for p in paths if p.is_file()}

    def _end(self, spec: ChapterSpec, state: ChapterState) -> None:
        self.states[spec.number] = state
        if state.status != "skipped":
            self.store.write(state)
        self.progress.ended(spec, state)

    def _stop(self) -> None:
        for process, _ in self.running.values():
            process.terminate()
        for process, _ in self.running.values():
            process.wait()
