"""What is light stays light: modules are counted, not seconds."""

import subprocess
import sys

import pytest

from vcemo_lib.paths import ROOT

HEAVY = {
    "torch", "torchaudio", "transformers", "librosa", "spacy", "whisper", "sklearn", "matplotlib", "scipy", "pandas",
}  # fmt: skip
PROGRAM = """
import sys
from vcemo_lib.cli import main
sys.argv = ["vcemo", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    code = end.code
print("\\n" + " ".join({name.partition(".")[0] for name in sys.modules}))
sys.exit(code)
"""


def loaded(program, *words, cache):
    """The exit code and the top-level modules that a process has in the end, and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT), "VCEMO_CACHE": str(cache)}, check=False,
    )  # fmt: skip
    return done.returncode, set(done.stdout.splitlines()[-1].split()), done.stdout + done.stderr


@pytest.mark.parametrize("module", ["vcemo_lib", "vcemo_lib.recipes", "vcemo_lib.experiments.studies", "vcemo_lib.cli"])
def test_settings_and_the_command_itself_import_little(module, tmp_path):
    program = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    code, modules, said = loaded(program, cache=tmp_path)
    assert code == 0, said
    assert not modules & (HEAVY | {"numpy", "soundfile"})


@pytest.mark.parametrize(
    "words",
    [
        "",
        "run",
        "check",
        "lint",
        "doctor",
        "lab",
        "train",
        "predict",
        "export",
        "table",
        "probe",
        "corpus",
        "corpus add",
        "corpus transcribe",
    ],
)
def test_no_help_loads_even_numpy(words, tmp_path):
    code, modules, said = loaded(PROGRAM, *words.split(), "--help", cache=tmp_path)
    assert code == 0, said
    assert not modules & (HEAVY | {"numpy", "soundfile"})


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("doctor", "GPU"),
        ("corpus list", "nEMO"),
        ("corpus show nemo", "label surprised"),
        ("corpus show no", "no corpus named 'no'"),
        ("corpus check nemo --strict x", "--strict is 'x'"),
        ("corpus features vcemo_sim --profile no", "no profile named 'no'"),
        ("corpus transcribe vcemo_sim --backend no", "no Whisper back-end named 'no'"),
        ("corpus add manifest a.csv --column x", "'x' is not of the form"),
        ("corpus add manifest /no/such.csv", "no such corpus root"),
        ("run --profile no", "The profile is 'no'"),
        ("run --corpus no", "no corpus named 'no'"),
        ("run 77 --corpus nemo", "There is no chapter '77'"),
        ("run 04 -p 04:nothing=1", "has no parameter 'nothing'"),
        ("table 9", "no table or study 9"),
        ("table nothing", "no table or study 'nothing'"),
        ("table 1 --profile no", "no profile named 'no'"),
        ("table 1 --corpus no", "no corpus named 'no'"),
        ("table 1 --split no", "no split 'no'"),
        ("table 1 --seeds x", "seeds 'x'"),
        ("table 1 --seeds ²", "seeds '²'"),
        ("table 1 --seeds 4294967296", "give whole numbers from 0 to 4294967295"),
        ("train m --profile no", "no profile named 'no'"),
        ("train m --corpus no", "no corpus named 'no'"),
        ("train m --split no", "--split is 'no'"),
        ("train m --classes 5", "a 4-way and a 6-way task, not 5"),
        ("train m --modalities no", "--modalities is 'no'"),
        ("train m --segmenter no", "--segmenter is 'no'"),
        ("train m --epochs -1", "--epochs is -1"),
        ("train m --seed -1", "Invalid value for '--seed'"),
        ("train m --seed 4294967296", "equal to 4294967295"),
        ("train m --set modalities=1,2", "give a value of that kind"),
        ("train m --set Droput=0.3", "is dropout meant?"),
        ("train m --set batch-size=8", "is batch_size meant?"),
        ("train m --set system=no", "system='no' is unknown; use one of ('vcemo', 'xu'"),
        ("train m --set snr_db=1e99", "give a number of -100 or more and at most 100"),
        ("train m --bert no/such", "the encoder 'no/such' is not on this machine"),
        ("train m --bert no:such", "the encoder 'no:such' is not on this machine"),
        ("train m --vectors no_such", "'no_such' is not installed"),
        ("train m --speech no/such", "speech model 'no/such' is not on this machine"),
        ("train tests", "tests is there already"),
        ("predict a.wav --model /no", "/no is no model folder"),
        ("predict a.wav --format no", "--format is 'no'"),
        ("predict a.wav b*.wav", "b*.wav: not read: no such audio file: b*.wav: check the path"),
        ("predict a.wav --json", '{"file": "a.wav", "error": "no such audio file: a.wav: check the path"}'),
        ("predict a.wav --classes sad,bored", "the model has no class 'bored': name two or more of angry"),
        ("predict a.wav --classes ,", "--classes is ',': give names"),
        ("predict a.wav b.wav --format vtt", "--format vtt is of one file"),
        ("predict a.wav --picture a.doc", "--picture is 'a.doc'"),
        ("run --corpus nemo", "run 'vcemo corpus add nemo FOLDER' once"),
        ("--version", "vcemo 0."),
        ("predict a.wav --backend no", "no Whisper back-end named 'no'"),
        ("export /no a.onnx", "/no is no model folder"),
        ("probe no", "there is no probe 'no'"),
        ("cache size", "0.0 MB in"),
        ("student out 77", "There is no chapter '77'"),
        ("student out 04-", "There is no chapter '04-'"),
        ("student out ²", "There is no chapter '²'"),
        ("grade no.ipynb", "There is no file no.ipynb"),
    ],
)
def test_light_commands_and_refusals_of_a_word_load_nothing_heavy(words, sentence, tmp_path):
    _, modules, said = loaded(PROGRAM, *words.split(), cache=tmp_path)
    assert sentence in said
    assert not modules & HEAVY


def test_a_corpus_is_added_with_pandas_alone(tmp_path):
    import numpy as np
    import soundfile

    lines = ["id,audio,emotion,text,speaker"]
    for k in range(3):
        soundfile.write(tmp_path / f"{k}.wav", np.sin(np.arange(8_000) * (k + 1) / 20), 44_100)
        lines.append(f"{k},{k}.wav,happy,a,b")
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    code, modules, said = loaded(PROGRAM, "corpus", "add", "manifest", str(tmp_path / "a.csv"), cache=tmp_path / "c")
    assert code == 0, said
    assert "3 utterances, 1 speaker" in said
    assert modules & HEAVY == {"pandas"}
