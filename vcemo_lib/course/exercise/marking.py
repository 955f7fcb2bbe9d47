"""`vcemo grade`: marking a notebook that was handed in, one line for each exercise.

The grader is always the source's, never the copy that was handed in. Answers run in a process of their own,
each for a limited time; they are the student's code all the same, with the rights of who marks it.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ...errors import CourseError
from ..notebook.reading import read_notebook
from ..notebook.threads import pinned
from ..run.environment import library_path, require_unix
from ..run.plan import NOTEBOOKS, load_plan
from .cells import Exercise, exercises
from .submission import Answer, chapter_of, find_answers, read_submission

PASSED = "passed"
KILLED = "your code ended the process that marks it; leave out what ends processes"


def grade_file(path: Path, seconds: float = 20, folder: Path = NOTEBOOKS) -> int:
    """Mark a submission and print a line for each exercise: passed, a hint, or not attempted.

    Args: seconds, how long each answer may take. Returns: 0 when all pass, 1 otherwise.
    Errors: `CourseError` where the file is no notebook of this course or a grader itself cannot run.
    """
    require_unix("Marking answers")
    if not seconds > 0:  # nan
        raise CourseError(f"--seconds is {seconds}; give a number above 0.")
    plan, cells = load_plan(folder), read_submission(path)
    spec = chapter_of(cells, path, plan)
    notebook = read_notebook(spec.path)
    if not (asked := exercises(notebook)):
        raise CourseError(f"Chapter {spec.number} has no exercises; give a notebook of another.")
    marks = mark(asked, find_answers(cells, notebook, asked), seconds)
    for exercise, said in zip(asked, marks, strict=True):
        print(f"{exercise.number} {said}")
    return 0 if all(said == PASSED for said in marks) else 1


def mark(asked: list[Exercise], answers: list[Answer], seconds: float) -> list[str]:
    """What is said of each answer, `PASSED` where it is right."""
    said, jobs = {}, []
    for exercise, answer in zip(asked, answers, strict=True):
        if answer.problem:
            said[exercise.number] = answer.problem
            continue
        job = {"number": exercise.number, "name": exercise.answer, "grade": exercise.grade.source}
        job |= {"given": exercise.preparation(exercise.grade.source)}
        jobs.append(job | {"code": answer.code, "preparation": answer.preparation})
    while left := [job for job in jobs if job["number"] not in said]:  # one may kill the process that marks them
        said |= _marked(left, seconds)
    return [said[exercise.number] for exercise in asked]


def _marked(jobs: list[dict], seconds: float) -> dict[str, str]:
    """The marks of all jobs, or of those up to one that killed the process, which sees nothing of this one."""
    with tempfile.TemporaryDirectory() as work:
        environment = os.environ | pinned(dict(os.environ)) | {"PYTHONPATH": library_path(), "MPLBACKEND": "Agg"}
        job = {"seconds": seconds, "jobs": jobs, "parent": os.getpid()}
        Path(work, "job.json").write_text(json.dumps(job), encoding="utf-8")
        command = [sys.executable, "-m", "vcemo_lib.course.exercise.worker", str(Path(work, "job.json"))]
        ended = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
        result = Path(work, "result.json")
        marks = json.loads(result.read_text(encoding="utf-8")) if result.is_file() else {}
    if ended.returncode < 0:
        blamed = [job["number"] for job in jobs if job["number"] not in marks][:1]
        return marks | dict.fromkeys(blamed, KILLED)
    if ended.returncode or not marks:
        last = (ended.stderr.strip().splitlines() or ["no message"])[-1]
        raise CourseError(f"The answers could not be marked: {last}; 'vcemo doctor' may name what is missing.")
    return marks
