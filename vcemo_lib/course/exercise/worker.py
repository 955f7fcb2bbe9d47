"""Runs answers: `python -m vcemo_lib.course.exercise.worker JOB.json` writes result.json beside the job.

Each answer has a forked process of its own, so that it starts at once, and is killed when its time is over.
Linux and macOS, as the rest of the course.
"""

import ast
import json
import multiprocessing
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from ..run.environment import end_with_parent
from .cells import grader_of
from .grader import Grader, named
from .marking import PASSED
from .submission import NOT_ATTEMPTED


class Silent:
    """Stands for `ctx`: whatever an answer shows or records is dropped."""

    def __getattr__(self, name: str):
        """Any method, which does nothing."""
        return lambda *given, **named: None


def judged(job: dict) -> str:
    """What is said of one answer, run here and now."""
    grader = prepared(job)
    own = {"ctx": Silent(), "grade": lambda answer: None, "__name__": "__main__"}  # cells may end with grade(answer)
    try:
        exec(compile(job["preparation"], "<chapter>", "exec"), own)
        exec(compile(job["code"], "<answer>", "exec"), own)
    except NameError as error:
        return f"your cell uses {error.name}, which nothing before it defines; define it in the cell"
    except BaseException as error:
        if "ellipsis" in str(error).lower():
            return NOT_ATTEMPTED
        return f"your cell stops with {named(error)}"
    verdict = grader.judge(own.get(job["name"], ...))
    return PASSED if verdict.passed else verdict.said if verdict.attempted else NOT_ATTEMPTED


def prepared(job: dict) -> Grader:
    """The grader of a job. Errors: `SystemExit`, since its failure is no student's."""
    made = {"ctx": Silent(), "__name__": "__main__"}
    try:
        exec(job["given"], made)
        return grader_of(job["grade"], made)
    except Exception as error:
        raise SystemExit(f"the grader of exercise {job['number']} stops with {named(error)}") from error


def _child(job: dict, send, worker: int) -> None:
    os.setsid()  # with all that it starts, it can be ended as one group
    end_with_parent(worker, group=True)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    try:
        send.send((True, judged(job)))
    except SystemExit as broken:
        send.send((False, str(broken)))


def marked(job: dict, seconds: float) -> str:
    """What is said of one answer that has a process and so many seconds of a core, busy machine or not."""
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(job, send, os.getpid()))
    process.start()
    send.close()
    try:
        if not _answered(receive, process.pid, seconds):
            return f"your code had not ended after {seconds:g} seconds; look for a loop without an end"
        sound, text = receive.recv()
    except EOFError:
        return "your code ended the process that ran it; leave out what exits"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.join()
    if not sound:
        raise SystemExit(text)
    return text


def _answered(receive, pid: int, seconds: float) -> bool:
    """Whether a process sends something before it has used so many seconds of a core, or lasted ten times as long."""
    end = time.monotonic() + 10 * seconds
    while not receive.poll(0.1):
        used = psutil.Process(pid).cpu_times()
        if used.user + used.system > seconds or time.monotonic() > end:
            return False
    return True


def load_imports(jobs: list[dict]) -> None:
    """Import here, once, what the graders import; a process that is forked has it at once."""
    import numpy  # noqa: F401  which every grader compares with

    for job in jobs:
        for line in ast.parse(job["given"]).body:
            if isinstance(line, ast.Import | ast.ImportFrom):
                exec(ast.unparse(line), {})


def main() -> None:
    """Mark the answers of the job whose file is named on the command line."""
    path = Path(sys.argv[1])
    asked = json.loads(path.read_text(encoding="utf-8"))
    end_with_parent(asked["parent"])
    load_imports(asked["jobs"])
    marks = {}
    for job in asked["jobs"]:  # an answer may end this process: what is marked before it is kept
        marks[job["number"]] = marked(job, asked["seconds"])
        (path.parent / "result.json").write_text(json.dumps(marks), encoding="utf-8")


if __name__ == "__main__":
    main()
