"""Open pages of a site in a headless Chromium and say what went wrong: `browser.py CHROMIUM SITE WIDTH PAGE…`.

Speaks the DevTools protocol over a web socket. Prints a JSON object: for each page its console errors, addresses asked of
other hosts, pictures that did not load or have no words, and by how many px it is wider than the window.
"""

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

from websocket import create_connection

FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
SEEN = """(async () => {
  const lost = [...document.images].filter(i => i.loading !== 'lazy' && i.complete && !i.naturalWidth).map(i => i.src.slice(0, 80));
  const wordless = [...document.images].filter(i => !i.alt && !i.closest('[aria-hidden]')).map(i => i.src.slice(0, 80));
  return JSON.stringify({broken: lost, wordless, overflow: document.documentElement.scrollWidth - window.innerWidth});
})()"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Tab:
    """One page of the browser."""

    def __init__(self, address):
        self.socket, self.number, self.events = create_connection(address, timeout=60), 0, []

    def call(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                return message.get("result", {})
            self.events.append(message)

    def wait(self, method, seconds=60):
        end = time.time() + seconds
        while not any(event.get("method") == method for event in self.events) and time.time() < end:
            self.events.append(json.loads(self.socket.recv()))

    def visit(self, url, home):
        self.events = []
        self.call("Page.navigate", url=url)
        self.wait("Page.loadEventFired")
        time.sleep(0.3)
        value = self.call("Runtime.evaluate", expression=SEEN, awaitPromise=True)["result"]["value"]
        asked = [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        elsewhere = [url for url in asked if not url.startswith((home, "data:", "blob:"))]
        errors = [
            e["params"]["entry"]["text"]
            for e in self.events
            if e.get("method") == "Log.entryAdded" and e["params"]["entry"]["level"] == "error"
        ]
        errors += [
            e["params"]["exceptionDetails"]["text"] for e in self.events if e.get("method") == "Runtime.exceptionThrown"
        ]
        return json.loads(value) | {"errors": errors, "elsewhere": elsewhere}


def main(chromium, site, width, *pages):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}/"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as profile:
        command = [
            chromium,
            *FLAGS.split(),
            f"--remote-debugging-port={port}",
            "--remote-allow-origins=*",
            f"--user-data-dir={profile}",
            "about:blank",
        ]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            print(json.dumps(opened(port, home, int(width), pages)))
        finally:
            browser.kill()
            browser.wait()


def opened(port, home, width, pages):
    for _ in range(100):
        try:
            targets = json.load(urlopen(f"http://127.0.0.1:{port}/json"))
            break
        except OSError:
            time.sleep(0.2)
    tab = Tab(next(t for t in targets if t["type"] == "page")["webSocketDebuggerUrl"])
    for domain in ("Page", "Network", "Log", "Runtime"):
        tab.call(f"{domain}.enable")
    tab.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
    return {page: tab.visit(home + page, home) for page in pages}


if __name__ == "__main__":
    main(*sys.argv[1:])
