"""Files and folders are whole or not there, and nothing that is there is lost in silence."""

import errno
import os
import threading
from pathlib import Path

import pytest

from vcemo_lib.disk import StorageError, takes_files
from vcemo_lib.paths import RESULTS
from vcemo_lib.storage import (
    locked,
    read_json,
    real_path,
    sealed,
    unfinished_name,
    whole_file,
    whole_folder,
    write_json,
)


def test_a_block_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole_file(path) as unfinished:
        unfinished.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_take_its_place_is_an_error_and_the_old_one_stays(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "old").touch()
    with pytest.raises(OSError), whole_folder(folder) as unfinished:
        (unfinished / "new").touch()
    assert [path.name for path in folder.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [folder]


def test_what_is_replaced_comes_back_where_the_new_cannot_take_its_place(tmp_path, monkeypatch):
    place = tmp_path / "model"
    with whole_folder(place) as unfinished:
        (unfinished / "old").touch()
    real, calls = os.replace, []

    def fails_at_the_second(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(errno.EIO, "broken")
        real(source, target)

    monkeypatch.setattr(os, "replace", fails_at_the_second)
    with (
        pytest.raises(StorageError, match="model cannot be opened or written"),
        whole_folder(place, True) as unfinished,
    ):
        (unfinished / "new").touch()
    assert [path.name for path in place.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [place]


def test_a_kill_between_the_two_moves_is_mended_by_who_comes_next(tmp_path):
    place = tmp_path / "model"
    old = unfinished_name(place).with_suffix(".old.part")
    old.mkdir()
    (old / "weights").touch()
    unfinished_name(place).mkdir()
    with locked(place):
        assert [path.name for path in place.iterdir()] == ["weights"]
    assert list(tmp_path.iterdir()) == [place]


def test_who_has_the_lock_removes_the_parts_of_this_name_alone(tmp_path):
    for name in ("a.json", "b.json", "a.json.x"):
        unfinished_name(tmp_path / name).touch()
    (tmp_path / "a.json.part").touch()  # a download that goes on
    with locked(tmp_path / "a.json"):
        assert (tmp_path / "a.json.lock").exists()
    assert sorted(path.name.split(".")[1] + path.name.split(".")[2] for path in tmp_path.glob(".*")) == [
        "ajson",
        "bjson",
    ]
    assert (tmp_path / "a.json.part").exists()
    assert not (tmp_path / "a.json.lock").exists()


def test_a_second_one_waits_or_is_refused(tmp_path):
    seen = []

    def second():
        with locked(tmp_path / "a"):
            seen.append("second")

    with locked(tmp_path / "a"):
        waiting = threading.Thread(target=second)
        waiting.start()
        with pytest.raises(StorageError, match="^busy$"), locked(tmp_path / "a", "busy"):
            pass
        seen.append("first")
    waiting.join()
    assert seen == ["first", "second"]
    assert not list(tmp_path.iterdir())


def test_sealed_json_is_read_as_it_was_and_a_changed_number_is_refused(tmp_path):
    value = {"wa": 0.1 + 0.2, "ids": ("a", "b"), "名": {"1": None, "2": float("inf")}}
    path = write_json(tmp_path / "a.json", sealed(value))
    assert read_json(path) == value | {"ids": ["a", "b"]}
    path.write_text(path.read_text(encoding="utf-8").replace("Infinity", "7"), encoding="utf-8")
    with pytest.raises(StorageError, match=r"a.json is damaged .its checksum differs.: delete it and run again"):
        read_json(path)
    path.write_text('{"wa": 0.5}')  # of before the checksum
    assert read_json(path) == {"wa": 0.5}


def test_the_committed_records_are_whole():
    paths = [*RESULTS.rglob("*.json")]
    assert len(paths) > 50
    for path in paths:
        assert read_json(path)


@pytest.mark.parametrize("given", [".", "", "../here", "./", "../here/../here"])
def test_the_folder_one_is_in_is_replaced_and_locked_as_any_other(given, tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with locked(Path(given)), whole_folder(Path(given), replace=True) as unfinished:
        assert unfinished.parent == tmp_path
        (unfinished / "a").write_text("new", encoding="utf-8")
    assert [path.name for path in tmp_path.rglob("*")] == ["here", "a"]
    with pytest.raises(StorageError, match="/ is the root of the disk: give the name of something in it"):
        real_path(Path("/"))


def test_a_link_stays_and_a_device_is_no_place(tmp_path):
    (tmp_path / "link").symlink_to("there")
    with whole_folder(tmp_path / "link", replace=True) as unfinished:  # nothing there yet
        (unfinished / "a").write_text("new", encoding="utf-8")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "there" / "a").read_text(encoding="utf-8") == "new"
    (tmp_path / "file").symlink_to(tmp_path / "there" / "a")
    with whole_file(tmp_path / "file") as unfinished:
        unfinished.write_text("newer", encoding="utf-8")
    assert (tmp_path / "file").is_symlink() and (tmp_path / "there" / "a").read_text(encoding="utf-8") == "newer"
    os.mkfifo(tmp_path / "pipe")
    for write in (whole_file, whole_folder):
        with pytest.raises(StorageError, match="pipe is no regular file: give"), write(tmp_path / "pipe"):
            pass
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that is there and takes no file is needed")
@pytest.mark.parametrize("refusal", ["", "another process is at it"])
def test_where_no_file_can_be_made_a_lock_neither_waits_nor_speaks_of_another_process(refusal):
    with pytest.raises(StorageError, match="^/proc/x cannot be opened or written"), locked(Path("/proc/x"), refusal):
        pass
    assert not takes_files(Path("/proc/x"))


def test_a_folder_that_is_still_to_be_made_takes_files_where_the_one_above_does(tmp_path):
    assert takes_files(tmp_path / "a" / "b")
    (tmp_path / "file").touch()
    assert not takes_files(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
