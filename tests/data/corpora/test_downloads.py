"""Downloads are checked, resumed and never repeated, and a name at the hub is looked up; the server is this machine."""

import hashlib
import re
import shutil
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import layouts
import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpora import CARDS, added, load_corpus
from vcemo_lib.data.corpora.download import Download, fetch
from vcemo_lib.data.corpus import CorpusError


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
    Server.body = Path(shutil.make_archive(str(tmp_path / "speech"), "zip", tmp_path / "copy")).read_bytes()
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
        kind, length = ("md5", 32) if name == "ravdess" else ("sha256", 64)  # Zenodo publishes md5 and no other
        for download in CARDS[name].downloads:
            assert re.fullmatch(rf"{kind}:[0-9a-f]{{{length}}}", download.checksum)
            assert download.size > 0


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
