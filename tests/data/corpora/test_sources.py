"""Archives are unpacked without trust, downloads are checked, resumed and never repeated; the server is this machine."""

import gzip
import hashlib
import io
import tarfile
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import layouts
import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpora import CARDS, added, archives, load_corpus
from vcemo_lib.data.corpora.download import Download, fetch
from vcemo_lib.data.corpus import CorpusError


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))


def packed(folder: Path, path: Path, top: str = "") -> Path:
    """An archive of a folder, of the kind that the path's ending says, everything below `top`."""
    files = [
        (file, f"{top}{file.relative_to(folder).as_posix()}") for file in sorted(folder.rglob("*")) if file.is_file()
    ]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as out:
            for file, name in files:
                out.write(file, name)
    else:
        with tarfile.open(path, "w:gz") as out:
            for file, name in files:
                out.add(file, name)
    return path


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_a_corpus_is_added_as_its_archive_and_unpacked_once(tmp_path, ending):
    layouts.nemo(tmp_path / "copy")
    archive = packed(tmp_path / "copy", tmp_path / f"nEMO{ending}", top="nEMO-main/")
    assert CliRunner().invoke(app, ["corpus", "add", "nemo", str(archive), "--strict=false"]).exit_code == 0
    clip = Path(load_corpus("nemo").frame["audio"][0])
    before = clip.stat().st_ino
    assert len(load_corpus("nemo", archive)) == 17
    assert clip.stat().st_ino == before
    assert clip.is_relative_to(tmp_path / "cache")
    assert not [*(tmp_path / "cache").rglob(".nEMO*")]


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_an_archive_of_a_table_and_its_sounds_is_added_as_the_table(tmp_path, ending):
    layouts.tone(tmp_path / "copy" / "wavs" / "a.wav")
    layouts.put(tmp_path / "copy" / "lists" / "my.csv", "id,audio,text,emotion\n1,../wavs/a.wav,你好,sad\n")
    layouts.put(tmp_path / "copy" / "lists" / "._my.csv", "a shadow")
    layouts.put(tmp_path / "copy" / ".ipynb_checkpoints" / "my.csv", "an old copy")
    archive = packed(tmp_path / "copy", tmp_path / f"mine{ending}", top="mine/")
    assert CliRunner().invoke(app, ["corpus", "add", "manifest", str(archive)]).exit_code == 0
    loaded = load_corpus("manifest")
    assert loaded.ids == ("1",)
    assert loaded.wave("1").shape == (3200,)
    layouts.put(tmp_path / "copy" / "other.tsv", "id\taudio\ttext\temotion\n")
    for kept, said in (
        ("my.csv", r"2 tables .*: lists/my.csv, other.tsv: pass the path of one"),
        (None, r"0 tables .*: none: pass"),
    ):
        if kept is None:
            for path in (tmp_path / "copy").rglob("*.?sv"):
                path.unlink()
        with pytest.raises(CorpusError, match=said):
            load_corpus("manifest", packed(tmp_path / "copy", tmp_path / f"{kept}{ending}"))
    assert load_corpus("manifest").ids == ("1",)


def evil(path: Path, name: str, link: str = "") -> Path:
    """An archive with one good file and one that no archive should hold."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as out:
            out.writestr("data.tsv", "file_id\n")
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if link else 0o100644) << 16
            out.writestr(info, link or "evil")
    else:
        with tarfile.open(path, "w") as out:
            for member, target in (("data.tsv", ""), (name, link)):
                info = tarfile.TarInfo(member)
                info.type, info.linkname, info.size = (
                    (tarfile.SYMTYPE, target, 0) if target else (tarfile.REGTYPE, "", 4)
                )
                out.addfile(info, io.BytesIO(b"evil"))
    return path


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize(("name", "link", "message"), [
    ("../evil.txt", "", "write outside"), ("a/../../evil.txt", "", "write outside"), ("/tmp/evil.txt", "", "write outside"), ("..\\evil.txt", "", "write outside"),
    ("C:\\evil.txt", "", "write outside"), ("link", "/etc", "neither a file nor a folder")])  # fmt: skip
def test_an_archive_that_means_harm_writes_nothing(tmp_path, kind, name, link, message):
    archive = evil(tmp_path / f"evil.{kind}", name, link)
    with pytest.raises(CorpusError, match=message):
        archives.unpacked(archive)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [archive.name]


def test_damaged_archives_and_those_larger_than_the_disk_are_sentences(tmp_path, monkeypatch):
    layouts.nemo(tmp_path / "copy")
    for ending in (".zip", ".tar.gz"):
        archive = packed(tmp_path / "copy", tmp_path / f"a{ending}")
        whole = archive.read_bytes()
        for damage in (whole[: len(whole) // 2], b"no archive", b"", whole[:500] + bytes(500) + whole[1000:]):
            archive.write_bytes(damage)
            with pytest.raises(CorpusError, match="is no whole archive"):
                archives.unpacked(archive)
        archive.write_bytes(whole)
    with tarfile.open(tmp_path / "b.tar", "w", format=tarfile.USTAR_FORMAT) as out:
        out.add(tmp_path / "copy", "copy")
    whole = (tmp_path / "b.tar").read_bytes()
    header = whole.index(b"copy/samples/KS0_fear")
    (tmp_path / "b.tar").write_bytes(whole[:header] + bytes(512) + whole[header + 512 :])
    with pytest.raises(CorpusError, match="a header in it is damaged"):
        archives.unpacked(tmp_path / "b.tar")
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(CorpusError, match="GB are free: make room"):
        archives.unpacked(tmp_path / "a.zip")
    assert not [*(tmp_path / "cache").rglob("*.wav")]
    assert not [*(tmp_path / "cache").rglob(".a-*")]


def zipped(path: Path, name: str, content: bytes) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr(name, content)
    else:
        with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as out:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch, ending):
    with pytest.raises(CorpusError, match="unpack to more than 200 times its .* bytes: nothing was unpacked"):
        archives.unpacked(zipped(tmp_path / f"bomb{ending}", "a.txt", bytes(120_000_000)))
    with pytest.raises(CorpusError, match="30 folders in one another"):
        archives.unpacked(zipped(tmp_path / f"deep{ending}", "a/" * 31 + "b.txt", b"x"))
    monkeypatch.setattr(archives, "MEMBERS", 3)
    layouts.nemo(tmp_path / "copy")
    with pytest.raises(CorpusError, match="holds more than 3 files"):
        archives.unpacked(packed(tmp_path / "copy", tmp_path / f"many{ending}"))
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_a_tar_of_huge_headers_or_endless_zeros_is_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as out:
        info = tarfile.TarInfo("a.txt")
        info.pax_headers = {"comment": "x" * 3_000_000}
        out.addfile(info)
    with pytest.raises(CorpusError, match="has a header of 3,000,.* bytes: nothing was unpacked"):
        archives.unpacked(tmp_path / "a.tar.gz")
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as out:
        out.addfile(tarfile.TarInfo("a.txt"))
    (tmp_path / "b.tar.gz").write_bytes(gzip.compress(plain.getvalue() + bytes(102_000_000), 1))
    with pytest.raises(CorpusError, match="no whole archive"):
        archives.unpacked(tmp_path / "b.tar.gz")


class Server(BaseHTTPRequestHandler):
    """Gives `body`; `asked` keeps the ranges; `cut` ends the first answer early; without `ranges` it sends all."""

    body, asked, cut, ranges = b"", [], 0, True

    def do_GET(self):
        given = self.headers.get("Range")
        self.asked.append(given)
        start = int(given[6:-1]) if given and self.ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(self.body) - start))
        self.end_headers()
        end, type(self).cut = type(self).cut or len(self.body), 0
        self.wfile.write(self.body[start:end])

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    layouts.ravdess(tmp_path / "copy")
    Server.body = packed(tmp_path / "copy", tmp_path / "speech.zip").read_bytes()
    Server.asked, Server.cut, Server.ranges = [], 0, True
    running = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{running.server_port}/speech.zip"
    yield Download(url, len(Server.body), f"md5:{hashlib.md5(Server.body).hexdigest()}")
    running.shutdown()
    running.server_close()


@pytest.mark.parametrize("ranges", [True, False])
def test_a_download_goes_on_where_it_broke_off_and_is_not_repeated(server, ranges):
    Server.cut, Server.ranges = 5000, ranges
    with pytest.raises(CorpusError, match="cannot be fetched .*the 5,000 bytes that came are kept"):
        fetch("ravdess", server)
    seen = []
    path = fetch("ravdess", server, seen.append)
    assert path.read_bytes() == Server.body
    assert seen[-1] == server.size
    assert fetch("ravdess", server) == path
    assert Server.asked == [None, "bytes=5000-"]
    assert sorted(p.name for p in path.parent.iterdir()) == ["speech.zip", "speech.zip.lock"]


def test_what_is_not_what_was_published_is_thrown_away(server, tmp_path):
    with pytest.raises(CorpusError, match="its checksum differs"):
        fetch("ravdess", replace(server, checksum="sha256:00"))
    assert not [*(tmp_path / "cache" / "downloads").rglob("speech.zip*[!k]")]
    path = fetch("ravdess", server)
    path.write_bytes(b"damaged since")
    assert fetch("ravdess", server).read_bytes() == Server.body


def test_without_a_network_it_says_so(server):
    gone = replace(server, url="http://127.0.0.1:9/speech.zip")
    with pytest.raises(CorpusError, match="run the same command again where there is a network"):
        fetch("ravdess", gone)


def test_the_command_shows_the_card_fetches_and_adds(server, monkeypatch):
    monkeypatch.setitem(CARDS, "ravdess", replace(CARDS["ravdess"], downloads=(server,)))
    result = CliRunner().invoke(app, ["corpus", "fetch", "ravdess"])
    # the tiny copy has other counts than published: fetched, unpacked and read, then refused, and not written down
    assert isinstance(result.exception, CorpusError)
    assert "18 instead" not in result.output
    assert "not allowed:" in result.output
    assert "24 instead of 1,440" in str(result.exception)
    assert added.recall("ravdess") is None
    refused = CliRunner().invoke(app, ["corpus", "fetch", "iemocap"])
    assert "get it from sail.usc.edu/iemocap" in str(refused.exception)


def test_only_what_may_be_shared_can_be_fetched():
    can = {name for name, card in CARDS.items() if card.downloads}
    assert can == {"ravdess", "cped"}
    for name in can:
        assert CARDS[name].licence.startswith(("CC", "Apache"))
        assert all(d.url.startswith("https://") for d in CARDS[name].downloads)
        assert all(
            d.checksum.partition(":")[0] in hashlib.algorithms_guaranteed and d.size > 0 for d in CARDS[name].downloads
        )


def test_a_name_at_the_hub_is_found_in_its_cache(tmp_path, monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(CorpusError, match="hf download --repo-type dataset AIDC-AI/CSEMOTIONS"):
        load_corpus("csemotions", "AIDC-AI/CSEMOTIONS")
    kept = tmp_path / "hub" / "datasets--AIDC-AI--CSEMOTIONS"
    layouts.csemotions(kept / "snapshots" / "0123")
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("0123")
    assert len(load_corpus("csemotions", "AIDC-AI/CSEMOTIONS")) == 12
    assert (
        CliRunner().invoke(app, ["corpus", "add", "csemotions", "AIDC-AI/CSEMOTIONS", "--strict=false"]).exit_code == 0
    )
    assert added.recall("csemotions").root == str((kept / "snapshots" / "0123").resolve())


def test_of_two_that_unpack_one_archive_the_slower_takes_what_is_there(tmp_path, monkeypatch):
    layouts.nemo(tmp_path / "copy")
    archive = packed(tmp_path / "copy", tmp_path / "a.zip")
    unpack = archives._unpack

    def slower(source, folder):
        monkeypatch.setattr(archives, "_unpack", unpack)
        archives.unpacked(source)  # the other process, while this one is at work
        unpack(source, folder)

    monkeypatch.setattr(archives, "_unpack", slower)
    root = archives.unpacked(archive)
    assert archives.unpacked(archive) == root
    assert not list(tmp_path.rglob("*.part"))


def test_every_card_has_https_and_a_checksum():
    for card in CARDS.values():
        for download in card.downloads:
            assert download.url.startswith("https://")
            assert download.checksum.partition(":")[0] in ("sha256", "md5")


def test_no_redirect_leads_to_another_protocol(server, monkeypatch):
    for place in ("file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x"):
        monkeypatch.setattr(Server, "do_GET", lambda self, place=place: _redirect(self, place))
        with pytest.raises(CorpusError, match="cannot be fetched"):
            fetch("ravdess", server)


def _redirect(handler, place):
    handler.send_response(302)
    handler.send_header("Location", place)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def test_a_body_longer_than_it_was_said_to_be_is_cut(server, tmp_path, monkeypatch):
    body = Server.body
    monkeypatch.setattr(Server, "body", body + bytes(5_000_000))
    path = fetch("ravdess", server)
    assert path.read_bytes() == body


def test_a_range_that_was_not_asked_for_is_no_continuation(server, tmp_path, monkeypatch):
    part = tmp_path / "cache" / "downloads" / "ravdess" / "speech.zip.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(Server.body[:1000])

    def whole(handler):
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes 0-{len(Server.body) - 1}/{len(Server.body)}")
        handler.send_header("Content-Length", str(len(Server.body)))
        handler.end_headers()
        handler.wfile.write(Server.body)

    monkeypatch.setattr(Server, "do_GET", whole)
    assert fetch("ravdess", server).read_bytes() == Server.body
