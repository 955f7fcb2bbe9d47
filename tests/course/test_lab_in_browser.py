"""`vcemo lab` in a real browser: chapters run from top to bottom, a file is chosen, a voice recorded, nothing committed changes."""

import os
import re
import shutil
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest
import soundfile
from browser import CHROMIUM, chromium, free_port

from vcemo_lib.config import SAMPLE_RATE
from vcemo_lib.data import load_corpus
from vcemo_lib.paths import ROOT, cache_dir

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine: JupyterLab is not opened"),
    pytest.mark.xdist_group("lab"),
]

OPEN = """(async () => {
  await jupyterapp.restored;
  window.nb = await jupyterapp.commands.execute('docmanager:open', {path: 'lab/%s.ipynb', factory: 'Notebook'});
  await nb.context.ready;
  await nb.sessionContext.ready;
  window.sources = nb.content.widgets.map(cell => cell.model);
  window.outputs = () => sources.filter(m => m.type === 'code').flatMap(m => m.outputs.toJSON());
  await jupyterapp.commands.execute('notebook:clear-all-cell-outputs');
})()"""
RUN = """window.ran = null, jupyterapp.commands.execute('notebook:run-all-cells').then(done => { window.ran = [done]; }), 0"""
SEEN = """({
  faults: outputs().filter(o => o.output_type === 'error' || o.name === 'stderr').map(o => o.evalue || o.text),
  unrun: sources.filter(m => m.type === 'code' && m.sharedModel.source.trim() && !m.executionCount).map(m => m.id),
  said: outputs().map(o => o.text || '').join(''),
})"""
SET = """sources.filter(m => m.type === 'code').slice(0, 1).forEach(m => m.sharedModel.setSource(
  m.sharedModel.source.replace('upload: bool = False', 'upload: bool = True').replace('said: str = ""', 'said: str = "%s"')))"""
SHOW = """(async () => { const at = sources.findIndex(m => m.id === 'c16-upload');
  nb.content.activeCellIndex = at; await nb.content.scrollToItem(at, 'start'); })()"""


def git(folder, *words):
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of all that is committed, with a history of its own."""
    folder = tmp_path_factory.mktemp("course")
    for name in git(ROOT, "ls-files", "-z").split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "as committed")
    return folder


@pytest.fixture(scope="module")
def home(checkout, tmp_path_factory):
    """The address of JupyterLab as `vcemo lab` starts it, with no settings of the user's own."""
    own, port = tmp_path_factory.mktemp("jupyter"), free_port()
    places = {f"JUPYTER_{kind}_DIR": str(own / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    settings = {"PYTHONPATH": str(checkout), "IPYTHONDIR": str(own / "ipython"), "VCEMO_CACHE": str(cache_dir())}
    options = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    options += ["--allow-root", "--LabApp.expose_app_in_browser=True"]
    call = [sys.executable, "-c", "from vcemo_lib.cli import main; main()", "lab", *options]
    with (own / "log").open("w") as log:
        server = subprocess.Popen(
            call, cwd=checkout, env=os.environ | places | settings, stdout=log, stderr=log, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(300):
            assert server.poll() is None, (own / "log").read_text()
            try:
                urlopen(address + "api")
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        os.killpg(server.pid, 15)
        server.wait()


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    """A recording and what is said in it."""
    corpus = load_corpus("vcemo_sim")
    path = tmp_path_factory.mktemp("voice") / "voice.wav"
    soundfile.write(path, corpus.wave(corpus.ids[0]), SAMPLE_RATE)
    return path, corpus.row(corpus.ids[0])["text"]


@pytest.fixture
def tab(home, voice):
    with chromium(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={voice[0]}",
    ) as tab:
        tab.resize(1280, 1000)
        tab.visit(f"{home}lab?reset")
        tab.until("window.jupyterapp !== undefined")
        yield tab


def run_all(tab, stem, before="0"):
    """Open a chapter, run every cell, and say what was seen."""
    tab.ask(OPEN % stem)
    tab.ask(before)
    tab.ask(RUN)
    tab.until("window.ran", 900)
    tab.ask("nb.context.save()")
    return tab.ask(SEEN)


def whole(seen, checkout):
    """Every cell ran without a fault, every check holds, and what is committed is as it was."""
    assert seen["faults"] == []
    assert seen["unrun"] == []
    assert "✓" in seen["said"] and "✗" not in seen["said"]
    assert git(checkout, "status", "--porcelain") == ""


@pytest.mark.parametrize("stem", ["00_start_here", "07_attention", "09_co_attention", "13_model_comparison"])
def test_a_chapter_runs_from_top_to_bottom_in_lab(tab, checkout, stem):
    whole(run_all(tab, stem), checkout)
    assert (checkout / "lab" / f"{stem}.ipynb").read_bytes() != (checkout / "notebooks" / f"{stem}.ipynb").read_bytes()


def test_a_file_and_a_recording_are_asked_about_in_lab(tab, checkout, voice):
    path, said = voice
    whole(run_all(tab, "16_your_own", SET % said), checkout)
    tab.ask(SHOW)
    answer = "document.querySelector('.widget-vbox .widget-output')"
    chosen = choose(tab, path, answer)
    spoken = record(tab, answer)
    for heard in (chosen, spoken):
        assert said in heard and len(re.findall(r"'\w+': \d\.\d+", heard)) == 6
        assert "without audio" in heard
    assert git(checkout, "status", "--porcelain") == ""


def choose(tab, path, answer) -> str:
    """Press the button, choose a file in the browser's dialog, and return what is answered."""
    tab.call("Page.setInterceptFileChooserDialog", enabled=True)
    tab.until("document.querySelector('.widget-upload') !== null")
    tab.ask("document.querySelector('.widget-upload').click()")
    opened = tab.wait("Page.fileChooserOpened")
    tab.call("DOM.setFileInputFiles", files=[str(path)], backendNodeId=opened["backendNodeId"])
    tab.until(f"/heard/.test({answer}?.textContent) && !!{answer}.querySelector('img')", 120)
    return tab.ask(f"{answer}.textContent")


def record(tab, answer) -> str:
    """Press *Record*, let the browser's false microphone speak, press *Stop*, and return what is answered."""
    press = "[...document.querySelectorAll('button')].find(b => b.textContent === '%s')"
    tab.ask(f"{answer}.dataset.before = {answer}.textContent; {answer}.querySelector('img').dataset.before = 1; 0")
    tab.ask(f"{press % 'Record'}.click()")
    tab.until(press % "Stop" + " !== undefined")
    time.sleep(2.5)
    tab.ask(f"{press % 'Stop'}.click()")
    tab.until(f"/heard/.test({answer}.textContent) && !!{answer}.querySelector('img:not([data-before])')", 120)
    return tab.ask(f"{answer}.textContent")
