"""Stored things under fire: flipped bits, cut files, failing disks.

The normal tests run a short form; `make faults` the long one. Each test prints its figures.
"""

import errno
import random

import pytest
from campaign import LONG, Campaign, amount
from disk import FaultyDisk
from stored import KINDS, files_of, outcome

from vcemo_lib.disk import StorageError
from vcemo_lib.errors import VcemoError
from vcemo_lib.storage import remove, write_bytes

SLOW = {"bundle": 6}  # how many times fewer attempts


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
            result = "survived", ""
        except VcemoError as error:
            text = str(error)
            told = "VCEMO_CACHE" in text and (code != errno.ENOSPC or "needed" in text) and "\n" not in text
            told = told and ".part" not in text  # a file of the user's, and none that is gone
            result = ("survived" if told else "tracebacks"), text
        except Exception as error:
            result = "tracebacks", f"writing {n}: {type(error).__name__}: {error}"
        fired = disk.fired
        disk.arm(None)
        if result[0] == "survived":
            result = outcome(kind, tmp_path, [kind.value(1), kind.value(2)])
            result = ("lost" if result != ("survived", "") else "survived"), f"writing {n}: {result[1]}"
        campaign.count(*result)
        if not fired:
            break
    assert n > 3 and not fired
    kind.write(tmp_path, 2)
    assert name == "features" or kind.read(tmp_path) == kind.value(2)
    assert not [*tmp_path.rglob("*.part")]
    campaign.finish()


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
