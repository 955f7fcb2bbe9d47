"""Which tests reach which lines, and running them in a copy of the project, for `mutants.py`."""

import compileall
import gc
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AREAS = {  # module → where its unit tests lie, the quickest first in both; slow tests from end to end are left out
    "vcemo_lib/evaluation/metrics.py": ["tests/evaluation/test_*intervals.py", "tests/evaluation/test_metrics.py", "tests/evaluation/test_power.py"],
    "vcemo_lib/evaluation/records.py": ["tests/evaluation/test_records.py"],
    "vcemo_lib/data/speaker_splits.py": ["tests/data/test_speaker_*.py"],
    "vcemo_lib/data/splits.py": ["tests/data/test_split_edges.py", "tests/data/test_said_of_corpora.py", "tests/data/test_splits.py"],
    "vcemo_lib/training/losses.py": ["tests/training/test_losses.py", "tests/training/test_losses_*.py", "tests/test_readings.py"],
    "vcemo_lib/training/moco.py": ["tests/training/test_moco.py"],
    "vcemo_lib/models/attention.py": ["tests/models/test_attention.py", "tests/models/test_one_glimpse.py", "tests/models/test_mcan.py"],
    "vcemo_lib/models/encoders.py": ["tests/models/test_encoders.py", "tests/models/test_baseline_formulas.py", "tests/models/test_baselines.py", "tests/models/test_vcemo.py"],
    "vcemo_lib/models/fusion.py": ["tests/models/test_fusion*.py", "tests/test_readings.py", "tests/models/test_vcemo.py"],
    "vcemo_lib/inference/model_weights.py": ["tests/inference/test_weights_edges.py", "tests/inference/test_saved_again.py", "tests/inference/test_foreign*.py", "tests/inference/test_bundle.py", "tests/inference/test_prediction.py"],
    "vcemo_lib/inference/bundle.py": ["tests/inference/test_bundle_facts.py", "tests/inference/test_saved_again.py", "tests/inference/test_foreign*.py", "tests/inference/test_bundle.py", "tests/inference/test_prediction.py"],
    "vcemo_lib/training/run.py": ["tests/training/test_run_refusals.py", "tests/training/test_trainer*.py", "tests/training/test_run.py"],
    "vcemo_lib/training/trainer.py": ["tests/training/test_trainer*.py", "tests/test_readings.py", "tests/training/test_run.py"],
}  # fmt: skip
SECONDS = 600  # of a processor, for all the tests of a file or of a fault: what loops for ever is noticed
HEAVY = (
    "numpy pandas torch torchaudio transformers.models.auto.modeling_auto transformers.models.auto.tokenization_auto "
    "sklearn.model_selection scipy.stats librosa accelerate jieba spacy pypinyin requests httpx typer.testing soxr "
    "soundfile safetensors.torch hypothesis transformers.models.bert.modeling_bert "
    "transformers.models.bert.tokenization_bert"
)


def copied(folder: Path) -> Path:
    """The library and the tests as they stand; the rest of the project by links."""
    named = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, named.split("\n")):
        top = Path(name).parts[0]
        if top in ("vcemo_lib", "tests") and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
        elif top not in ("vcemo_lib", "tests") and not (folder / top).exists():
            (folder / top).symlink_to(ROOT / top)
    (folder / "tmp").mkdir()
    compileall.compile_dir(str(folder / "vcemo_lib"), quiet=2)
    return folder


def keep_features(copy: Path, folder: Path) -> None:
    """Have the tests' features, which none of these modules makes, lie in a folder that outlasts the copy."""
    folder.mkdir(parents=True, exist_ok=True)
    (copy / "tmp" / "vcemo-cache").symlink_to(folder.resolve())


def load_heavy() -> None:
    """What every fork would load anew otherwise; nothing of the library."""
    for name in HEAVY.split():
        __import__(name)
    gc.freeze()  # pytest collects what is unused as it ends, and would search all of this each time
    sys.dont_write_bytecode = True  # of a changed module


def forked(work: Callable[[], int], log: Path) -> int:
    """Exit status of work done in a process of its own, which writes into `log`; what takes too long is killed."""
    if not (pid := os.fork()):
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        out, status = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 70
        os.dup2(out, 1)
        os.dup2(out, 2)
        try:
            status = int(work())
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def run_tests(copy: Path, options: list[str], plugins: list = ()) -> int:
    """Run tests there; features are kept from one run to the next."""
    os.chdir(copy)
    sys.path[:0] = [str(copy)]
    os.environ |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_XDIST_WORKER": "one"}
    fixed = [
        "-q",
        "--no-header",
        "--assert=plain",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--basetemp",
        str(copy / "tmp" / "run"),
    ]
    return pytest.main([*fixed, *options], plugins=list(plugins))


class Tracer:
    """A plugin that notes, for each test that passes, its seconds and the lines of these files that it runs."""

    def __init__(self, copy: Path):
        self.files, self.tests, self.bad = {str(copy / module): module for module in AREAS}, {}, set()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        """Trace one test with its fixtures."""
        seen, start = {}, time.process_time()

        def note(frame, event, _):
            seen.setdefault(self.files[frame.f_code.co_filename], set()).add(frame.f_lineno)
            return note

        sys.settrace(lambda frame, event, _: note if frame.f_code.co_filename in self.files else None)
        yield
        sys.settrace(None)
        self.tests[item.nodeid] = [
            round(time.process_time() - start, 3),
            {m: sorted(lines) for m, lines in seen.items()},
        ]

    def pytest_runtest_logreport(self, report):
        """What fails without a fault tells nothing of one."""
        if not report.passed:
            self.bad.add(report.nodeid)


def files_of(copy: Path, module: str) -> list[str]:
    """Where the tests of a module lie, the quickest first."""
    return [str(path.relative_to(copy)) for glob in AREAS[module] for path in sorted(copy.glob(glob))]


def reached(copy: Path, file: str, kept: Path) -> dict[str, list]:
    """By test of a file its seconds and, by module, the lines that it runs; kept until code or tests change."""
    known = json.loads(kept.read_text()) if kept.exists() else {}
    code = b"".join((copy / name).read_bytes() for name in AREAS)
    key = hashlib.sha256(code + (copy / file).read_bytes()).hexdigest()
    if known.get(file, [""])[0] != key:
        found = copy / "tmp" / "traced.json"
        found.unlink(missing_ok=True)
        forked(lambda: traced(copy, file, found), copy / "tmp" / "log")
        known[file] = key, json.loads(found.read_text()) if found.exists() else {}
        if not known[file][1]:
            sys.exit(f"no test of {file} passes without a fault: {(copy / 'tmp' / 'log').read_text()[-500:]}")
        kept.write_text(json.dumps(known))
    return known[file][1]


def traced(copy: Path, file: str, found: Path) -> int:
    """Run a file of tests, and write down which lines each test that passes reaches."""
    tracer = Tracer(copy)
    status = run_tests(copy, [file], [tracer])
    found.write_text(json.dumps({test: of for test, of in tracer.tests.items() if test not in tracer.bad}))
    return status
