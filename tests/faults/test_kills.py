"""Work that is killed at any moment goes on, and nothing that was stored is lost."""

import json
import os
import random
import signal
import time
from dataclasses import replace
from functools import partial

import pytest
from campaign import Campaign, amount
from processes import forked, killed, killed_until_done
from stored import KINDS, arrays, files_of, outcome

from vcemo_lib.cli import app
from vcemo_lib.data import transcripts
from vcemo_lib.data.array_cache import cached
from vcemo_lib.data.cache_care import clean
from vcemo_lib.data.corpora import added
from vcemo_lib.data.transcripts import Store
from vcemo_lib.experiments import experiment as experiments
from vcemo_lib.storage import locked


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
        result = outcome(kind, tmp_path, [kind.value(1), kind.value(2)])
        campaign.count_kills(1, "lost" if result != ("survived", "") else "survived", result[1])
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
    experiment = experiments.Experiment(corpus, store, split, recipe, "small")
    start = time.perf_counter()
    whole = experiments.run(experiment, recipe, 1, tmp_path / "whole")
    seconds = time.perf_counter() - start
    for attempt in range(amount(1, 5)):
        work = partial(experiments.run, experiment, recipe, 1, tmp_path / str(attempt))
        kills, _ = killed_until_done(work, seconds, rng)
        ended = json.loads(json.dumps(work()))
        same = all(
            ended[n] == json.loads(json.dumps(whole[n])) for n in ("history", "predicted", "probabilities", "card")
        )
        campaign.count_kills(kills, "survived" if same else "silent", str(attempt))
        left = {path.suffix for path in (tmp_path / str(attempt)).iterdir() if path.name != "test_parts"}
        assert left <= {".json", ".lock"}  # of 0 bytes
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
        hear = partial(lambda k: transcripts._hear(few, Store({"weights": str(k)}), answer, 2, None), attempt)
        kills, _ = killed_until_done(hear, seconds, rng)
        heard, _ = hear()
        campaign.count_kills(kills, "survived" if heard == whole else "lost", str(attempt))
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
        code = killed(forked(partial(app, [*words, f"c{attempt}"], standalone_mode=False)), rng.uniform(0.005, 0.2))
        known = added.added()
        fine = "first" in known and set(known) <= {"first", *(f"c{k}" for k in range(attempt + 1))}
        app([*words, f"c{attempt}"], standalone_mode=False)
        outcome = "survived" if fine and f"c{attempt}" in added.added() else "lost"
        campaign.count_kills(int(code == -signal.SIGKILL), outcome, str(attempt))
    assert not [*tmp_path.rglob("*.part")]
    capfd.readouterr()
    campaign.finish()
