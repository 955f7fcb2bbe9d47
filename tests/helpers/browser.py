"""A headless Chromium, driven over the DevTools protocol: pages are opened, asked by JavaScript, clicked and typed into."""

import json
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

from websocket import WebSocketTimeoutException, create_connection

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --remote-allow-origins=* --autoplay-policy=no-user-gesture-required"
).split()


PATIENCE = 180  # seconds for one answer of the browser; a busy machine takes long over a page


class Tab:
    """One page of the browser. `events` holds what the page reported since the last `visit`."""

    def __init__(self, address: str):
        self.socket, self.number, self.events = create_connection(address, timeout=PATIENCE), 0, []

    def call(self, method: str, **params) -> dict:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while (message := json.loads(self.socket.recv())).get("id") != self.number:
            self.events.append(message)
        return message.get("result", {})

    def wait(self, method: str, seconds: float = 60) -> dict:
        """The first event of that name; one that came already counts."""
        end = time.time() + seconds
        while True:
            for event in self.events:
                if event.get("method") == method:
                    return event["params"]
            self.socket.settimeout(max(end - time.time(), 0.01))
            try:
                self.events.append(json.loads(self.socket.recv()))
            except WebSocketTimeoutException:
                raise TimeoutError(f"no {method} within {seconds} s") from None
            finally:
                self.socket.settimeout(PATIENCE)

    def ask(self, script: str):
        """What an expression is worth in the page; promises are awaited, an exception there is one here."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", str(answer)))
        return answer["result"].get("value")

    def until(self, script: str, seconds: float = 60):
        """The expression's value once it is true."""
        end = time.time() + seconds
        while not (value := self.ask(script)):
            if time.time() > end:
                raise TimeoutError(f"not within {seconds} s: {script}")
            time.sleep(0.2)
        return value

    def visit(self, url: str) -> None:
        self.events = []
        self.call("Page.navigate", url=url)
        self.wait("Page.loadEventFired")

    def press(self, key: str, code: int, modifiers: int = 0) -> None:
        """One key, as a hand would: modifiers 8 is shift."""
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.call("Input.dispatchKeyEvent", type="rawKeyDown", **about)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def resize(self, width: int, height: int = 900) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def errors(self) -> list[str]:
        """What the console calls an error, and exceptions that nobody caught."""
        logged = [e["params"]["entry"] for e in self.events if e.get("method") == "Log.entryAdded"]
        thrown = [e["params"]["exceptionDetails"] for e in self.events if e.get("method") == "Runtime.exceptionThrown"]
        return [entry["text"] for entry in logged if entry["level"] == "error"] + [t["text"] for t in thrown]

    def asked_elsewhere(self, home: str) -> list[str]:
        """Addresses that the page asked of another host."""
        asked = [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [url for url in asked if not url.startswith((home, "data:", "blob:"))]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def chromium(*flags: str) -> Iterator[Tab]:
    """A browser with one tab and an empty profile."""
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        places = [f"--remote-debugging-port={port}", f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(
            [CHROMIUM, *FLAGS, *flags, *places], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield _tab(port)
        finally:
            process.kill()
            process.wait()


def _tab(port: int) -> Tab:
    for _ in range(150):
        try:
            targets = json.load(urlopen(f"http://127.0.0.1:{port}/json"))
            tab = Tab(next(t for t in targets if t["type"] == "page")["webSocketDebuggerUrl"])
            break
        except (OSError, StopIteration):
            time.sleep(0.2)
    else:
        raise TimeoutError("Chromium did not start")
    for domain in ("Page", "Network", "Log", "Runtime"):
        tab.call(f"{domain}.enable")
    return tab


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address, with a slash at its end, under which the files of a folder are."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
