"""Two processes at one thing: it is made once, and none of what they wrote is lost."""

import time
from functools import partial

import pytest
from campaign import Campaign, amount
from processes import together
from stored import CARD, arrays

from vcemo_lib.data.array_cache import cached
from vcemo_lib.data.corpora import added
from vcemo_lib.data.corpora.archives import unpacked
from vcemo_lib.disk import StorageError
from vcemo_lib.evaluation.records import write_record
from vcemo_lib.experiments import experiment as experiments
from vcemo_lib.storage import locked
from vcemo_lib.training.run import fit


def log_to(path, result):
    """Make something slowly, and write down that it was made."""
    with open(path, "a") as log:
        log.write("made\n")
    time.sleep(0.03)
    return result


def test_two_processes_at_one_feature_make_it_once(tmp_path):
    campaign = Campaign("two processes, features")
    for k in range(amount(4, 30)):
        made = tmp_path / f"made{k}"

        def ask(k=k, made=made):
            kept = cached("mel", f"k{k}", lambda: log_to(made, arrays(k)))
            assert all((a == b).all() for a, b in zip(kept, arrays(k), strict=True))

        fine = together(ask, ask, ask) == [0, 0, 0] and made.read_text() == "made\n"
        campaign.count("survived" if fine else "lost", str(k))
    campaign.finish()


def test_two_processes_at_one_record_train_once(corpus, split, small, tmp_path, monkeypatch):
    campaign, whole = Campaign("two processes, record"), experiments.Experiment(corpus, None, split, small, "small")

    def made(experiment, recipe, seed, path):
        return log_to(path.with_suffix(".log"), write_record(path, CARD, {"seed": seed}))

    monkeypatch.setattr(experiments, "_made", made)
    for seed in range(amount(4, 30)):
        ask = partial(experiments.run, whole, small, seed, tmp_path)
        log = experiments.record_path(whole, small, seed, tmp_path).with_suffix(".log")
        fine = together(ask, ask) == [0, 0] and log.read_text() == "made\n" and ask()["seed"] == seed
        campaign.count("survived" if fine else "lost", str(seed))
    assert {path.suffix for path in tmp_path.iterdir() if path.is_file()} == {".json", ".log"}  # no lock, no part
    campaign.finish()


def test_corpora_added_at_the_same_time_are_all_there(tmp_path):
    campaign, names = Campaign("two processes, corpora"), []
    for k in range(amount(5, 40)):
        new = [f"c{k}-{i}" for i in range(3)]
        codes = together(*(partial(added.remember, name, tmp_path, {}, "manifest") for name in new))
        names += new
        campaign.count("survived" if codes == [0, 0, 0] and added.added() == sorted(names) else "lost", str(k))
    campaign.finish()


def test_two_processes_at_one_archive_unpack_it_once(tmp_path):
    import zipfile

    campaign = Campaign("two processes, archives")
    for k in range(amount(4, 30)):
        with zipfile.ZipFile(tmp_path / f"{k}.zip", "w") as archive:
            for i in range(20):
                archive.writestr(f"a/{i}.txt", f"{k} {i}" * 100)
        ask = partial(unpacked, tmp_path / f"{k}.zip")
        fine = together(ask, ask) == [0, 0] and (ask() / "7.txt").read_text() == f"{k} 7" * 100
        campaign.count("survived" if fine else "lost", str(k))
    assert not [*tmp_path.rglob("*.part")]
    campaign.finish()


def test_the_second_training_into_a_folder_is_refused_in_a_sentence(store, split, small, tmp_path, cache):
    fit(store, split, small.but(epochs=1), 0, tmp_path)
    before = (tmp_path / "checkpoint.pt").read_bytes()
    with (
        locked(tmp_path / "checkpoint.pt"),
        pytest.raises(StorageError, match="another process is training into .*: wait"),
    ):
        fit(store, split, small.but(epochs=1), 0, tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before
    fit(store, split, small.but(epochs=1), 0, tmp_path)
