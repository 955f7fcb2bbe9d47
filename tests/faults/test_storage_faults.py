"""Stored things under fire: flipped bits, cut files, failing disks, kills, and two processes at one object.

The normal tests run a short form; `make faults` the long one. Each test prints its figures.
"""

import errno
import json
import os
import random
import signal
import time
from dataclasses import replace
from functools import partial

import pytest
import torch
from campaign import LONG, Campaign, amount
from disk import FaultyDisk
from forks import forked, killed
from stored import CARD, KINDS, arrays, files_of

from vcemo_lib.cli import app
from vcemo_lib.data import transcripts
from vcemo_lib.data.array_cache import cached
from vcemo_lib.data.cache_care import clean
from vcemo_lib.data.corpora import added
from vcemo_lib.data.corpora.archives import unpacked
from vcemo_lib.data.transcripts import Store
from vcemo_lib.disk import StorageError
from vcemo_lib.errors import VcemoError
from vcemo_lib.evaluation.records import write_record
from vcemo_lib.experiments import experiment as experiments
from vcemo_lib.storage import locked, remove, write_bytes
from vcemo_lib.training.run import fit

SLOW = {"bundle": 6}  # how many times fewer attempts


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    torch.set_num_threads(1)


def outcome(kind, folder, allowed) -> tuple[str, str]:
    """What reading comes to: one of `allowed`, a sentence, or a fault; and a word about it."""
    try:
        value = kind.read(folder)
    except VcemoError as error:
        text = str(error)
        whole = len(text.splitlines()) == 1 and ":" in text and not kind.rebuilt
        return ("survived" if whole else "tracebacks"), text
    except Exception as error:
        return "tracebacks", f"{type(error).__name__}: {error}"
    if value in allowed or kind.partly and value.items() <= allowed[-1].items():
        return "survived", ""
    return "silent", str(value)[:80]


@pytest.mark.parametrize("name", KINDS)
def test_a_flipped_bit_and_a_cut_file_are_never_another_value(name, tmp_path):
    kind, rng, campaign = KINDS[name], random.Random(name), Campaign(f"flips and cuts, {name}")
    kind.write(tmp_path, 1)
    files = {path: path.read_bytes() for path in files_of(kind, tmp_path)}
    allowed = [kind.value(1), *([None] if name == "chapter's state" else [])]
    assert kind.read(tmp_path) == allowed[0] and files
    for _ in range(amount(40, 400) // SLOW.get(name, 1)):
        path = rng.choice(list(files))
        content, place = bytearray(files[path]), rng.randrange(len(files[path]))
        if rng.random() < 0.25:
            content = content[:place]
        else:
            content[place] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
        campaign.count(*outcome(kind, tmp_path, allowed[::-1] if kind.partly else allowed))
        if not path.exists() or path.read_bytes() != files[path]:
            path.write_bytes(files[path])
    for path in {tmp_path / path.relative_to(tmp_path).parts[0] for path in files}:
        remove(path)  # the cure that the sentences name: delete it and make it again
    kind.write(tmp_path, 1)
    assert kind.read(tmp_path) == kind.value(1)
    campaign.finish()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO], ids=["full", "read-only", "broken"])
@pytest.mark.parametrize("name", KINDS)
def test_a_disk_that_fails_at_any_writing_loses_nothing(name, code, tmp_path, monkeypatch):
    if name == "bundle" and code != errno.ENOSPC and not LONG:
        pytest.skip("the slowest kind: the other two in the long form")
    kind, campaign = KINDS[name], Campaign(f"disk with errno {code}, {name}")
    kind.write(tmp_path, 1)
    disk = FaultyDisk(tmp_path, monkeypatch)
    for n in range(200):
        disk.arm(n, code)
        try:
            kind.write(tmp_path, 2)
            found = "survived", ""
        except VcemoError as error:
            text = str(error)
            told = "VCEMO_CACHE" in text and (code != errno.ENOSPC or "needed" in text) and "\n" not in text
            found = ("survived" if told else "tracebacks"), text
        except Exception as error:
            found = "tracebacks", f"writing {n}: {type(error).__name__}: {error}"
        fired = disk.fired
        disk.arm(None)
        if found[0] == "survived":
            found = outcome(kind, tmp_path, [kind.value(1), kind.value(2)])
            found = ("lost" if found != ("survived", "") else "survived"), f"writing {n}: {found[1]}"
        campaign.count(*found)
        if not fired:
            break
    assert n > 3 and not fired
    kind.write(tmp_path, 2)
    assert name == "features" or kind.read(tmp_path) == kind.value(2)
    assert not [*tmp_path.rglob("*.part")]
    campaign.finish()


@pytest.mark.parametrize("name", KINDS)
def test_a_kill_at_any_moment_leaves_one_whole_value(name, tmp_path):
    kind, rng, campaign = KINDS[name], random.Random(name), Campaign(f"kill -9, {name}")

    def write_on():
        for k in range(10_000):
            if kind.rebuilt:
                cached("mel", f"new{os.getpid()}-{k}", partial(arrays, 1))
            kind.write(tmp_path, 1 + k % 2)

    kind.write(tmp_path, 1)
    kind.write(tmp_path, 2)
    for _ in range(amount(6, 60)):
        assert killed(forked(write_on), rng.uniform(0.002, 0.06)) == -signal.SIGKILL
        found = outcome(kind, tmp_path, [kind.value(1), kind.value(2)])
        campaign.count("lost" if found != ("survived", "") else "survived", found[1])
    kind.write(tmp_path, 1)
    kind.write(tmp_path, 2)
    for path in [*files_of(kind, tmp_path), tmp_path / "m"]:
        with locked(path):
            pass
    clean()
    assert not [*tmp_path.rglob("*.part")]
    campaign.finish()


def test_a_run_killed_again_and_again_ends_as_if_nothing_had_been(corpus, store, split, small, tmp_path, cache):
    campaign, rng = Campaign("kill -9, runs of a table"), random.Random(0)
    split, recipe = replace(split, train=split.train[:16], val=split.val[:3]), small.but(epochs=4, alpha=0.1)
    bench = experiments.Experiment(corpus, store, split, recipe, "small")
    whole = experiments.run(bench, recipe, 1, tmp_path / "whole")
    seconds = whole["seconds"] / len(whole["history"])
    for attempt in range(amount(1, 5)):
        work, kills = partial(experiments.run, bench, recipe, 1, tmp_path / str(attempt)), 0
        while killed(forked(work), rng.uniform(0.5, 4.0) * seconds) == -signal.SIGKILL:
            kills += 1
        ended = json.loads(json.dumps(work()))
        same = all(
            ended[n] == json.loads(json.dumps(whole[n])) for n in ("history", "predicted", "probabilities", "card")
        )
        for _ in range(max(kills, 1)):
            campaign.count("survived" if same else "silent", str(attempt))
        assert {path.suffix for path in (tmp_path / str(attempt)).iterdir()} <= {".json", ".lock"}  # of 0 bytes
    campaign.finish()


def test_hearing_a_corpus_killed_again_and_again_hears_all_of_it(corpus, tmp_path):
    campaign, rng, few = Campaign("kill -9, transcribing"), random.Random(0), corpus.select(corpus.ids[:12])

    def answer(waves):
        time.sleep(0.01)
        return [f"听见{len(wave)}个" for wave in waves]

    start = time.perf_counter()
    whole, _ = transcripts._hear(few, Store({"weights": "whole"}), answer, 2, None)
    seconds = time.perf_counter() - start
    for attempt in range(amount(2, 20)):
        settings, kills = {"weights": str(attempt)}, 0
        hear = partial(lambda s: transcripts._hear(few, Store(s), answer, 2, None), settings)
        while killed(forked(hear), rng.uniform(0.3, 1.5) * seconds) == -signal.SIGKILL:
            kills += 1
        heard, _ = hear()
        for _ in range(max(kills, 1)):
            campaign.count("survived" if heard == whole else "lost", str(attempt))
    campaign.finish()


def test_adding_a_corpus_killed_at_any_moment_leaves_a_list_that_is_read(tmp_path, capfd):
    campaign, rng = Campaign("kill -9, corpus add"), random.Random(0)
    (tmp_path / "a.csv").write_text(
        "id,audio,emotion,text,speaker\n" + "".join(f"{k},a.wav,happy,好,s\n" for k in range(9))
    )
    (tmp_path / "a.wav").write_bytes(b"")
    words = ["corpus", "add", "manifest", str(tmp_path / "a.csv"), "--as"]
    app([*words, "first"], standalone_mode=False)
    for attempt in range(amount(3, 60)):
        killed(forked(partial(app, [*words, f"c{attempt}"], standalone_mode=False)), rng.uniform(0.005, 0.2))
        known = added.added()
        fine = "first" in known and set(known) <= {"first", *(f"c{k}" for k in range(attempt + 1))}
        app([*words, f"c{attempt}"], standalone_mode=False)
        campaign.count("survived" if fine and f"c{attempt}" in added.added() else "lost", str(attempt))
    assert not [*tmp_path.rglob("*.part")]
    capfd.readouterr()
    campaign.finish()


def together(*works) -> list[int]:
    """Exit codes of these works, done at the same time in processes of their own."""
    start = time.time() + 0.05

    def at_once(work):
        time.sleep(max(0, start - time.time()))
        work()

    pids = [forked(partial(at_once, work)) for work in works]
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


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
    campaign, bench = Campaign("two processes, record"), experiments.Experiment(corpus, None, split, small, "small")

    def made(experiment, recipe, seed, path):
        return log_to(path.with_suffix(".log"), write_record(path, CARD, {"seed": seed}))

    monkeypatch.setattr(experiments, "_made", made)
    for seed in range(amount(4, 30)):
        ask = partial(experiments.run, bench, small, seed, tmp_path)
        log = experiments.record_path(bench, small, seed, tmp_path).with_suffix(".log")
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


def test_the_injected_faults_do_reach_what_is_written(tmp_path, monkeypatch):
    """The campaign itself is tried: without the library's care the same faults are seen."""
    (tmp_path / "a").write_bytes(b"old")
    disk = FaultyDisk(tmp_path, monkeypatch)
    disk.arm(1, errno.ENOSPC)
    with pytest.raises(OSError, match="No space left"):
        (tmp_path / "a").write_bytes(b"new content")
    disk.arm(None)
    assert (tmp_path / "a").read_bytes() == b"new c"
    write_bytes(tmp_path / "a", b"whole")
    disk.arm(2, errno.ENOSPC)
    with pytest.raises(StorageError, match=r"a cannot be written, the disk is full \(0.0 MB are needed, .* free\)"):
        write_bytes(tmp_path / "a", b"new content")
    assert (tmp_path / "a").read_bytes() == b"whole"
