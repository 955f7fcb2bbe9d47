"""Downloads of corpora whose licence and host allow it: checked by a checksum, resumed after a break, done once."""

import hashlib
import http.client
import os
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from ...disk import StorageError, disk_in_words, disk_sentence, of_the_disk
from ...paths import cache_dir
from ..corpus import CorpusError

BLOCK = 1 << 20  # bytes
PATIENCE = 30  # seconds without a byte


@dataclass(frozen=True)
class Download:
    """One file of a corpus: where it lies, its bytes, and its checksum, `md5:…` or `sha256:…`."""

    url: str
    size: int
    checksum: str

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.url.rpartition("/")[2]


def fetch(corpus: str, download: Download, progress: Callable[[int], None] | None = None) -> Path:
    """The file, in the cache; what is there already is not fetched again, and what a break left is gone on with.

    Args:
        progress: is called with the number of bytes that are there.

    Raises:
        CorpusError: no network, or other bytes than were published.
    """
    path = cache_dir() / "downloads" / corpus / download.name
    with disk_in_words(path, download.size):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{path}.lock").acquire()
    with lock:
        if path.is_file() and _digest(path, download) == download.checksum:
            return path
        unfinished = path.with_name(f"{path.name}.part")
        _complete(unfinished, download, progress)
        if _digest(unfinished, download) != download.checksum:
            unfinished.unlink()
            raise CorpusError(
                f"what came from {download.url} is not what was published (its checksum differs): it was "
                "thrown away, try again later"
            )
        os.replace(unfinished, path)
    return path


def _complete(unfinished: Path, download: Download, progress: Callable[[int], None] | None) -> None:
    """Fetch what is missing, or say what stopped it."""
    try:
        _go_on(unfinished, download, progress)
    except (OSError, http.client.HTTPException) as error:
        if of_the_disk(error):
            raise StorageError(disk_sentence(error, unfinished, download.size)) from None
        had = unfinished.stat().st_size if unfinished.is_file() else 0
        raise CorpusError(
            f"{download.url} cannot be fetched ({error}): the {had:,} bytes that came are kept, run the "
            "same command again where there is a network"
        ) from None


def _go_on(unfinished: Path, download: Download, progress: Callable[[int], None] | None) -> None:
    """Append what is missing, and no byte beyond; a server that knows no ranges sends all, and the file begins anew."""
    had = unfinished.stat().st_size if unfinished.is_file() else 0
    if had >= download.size:
        return
    request = urllib.request.Request(download.url, headers={"Range": f"bytes={had}-"} if had else {})
    with urllib.request.build_opener(_SameScheme).open(request, timeout=PATIENCE) as answer:
        begins = f"bytes {had}-"
        goes_on = answer.status == 206 and answer.headers.get("Content-Range", begins).startswith(begins)
        with open(unfinished, "ab" if goes_on else "wb") as out:
            while (left := download.size - out.tell()) > 0 and (block := answer.read(min(BLOCK, left))):
                out.write(block)
                if progress:
                    progress(out.tell())
    if (came := unfinished.stat().st_size) < download.size:
        raise OSError(f"the connection ended after {came:,} of {download.size:,} bytes")


class _SameScheme(urllib.request.HTTPRedirectHandler):
    """Follows no redirect away from https, which every card has."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if urllib.parse.urlsplit(newurl).scheme != urllib.parse.urlsplit(req.full_url).scheme:
            raise OSError(f"it leads to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _digest(path: Path, download: Download) -> str:
    kind = download.checksum.partition(":")[0]
    with open(path, "rb") as file:
        return f"{kind}:{hashlib.file_digest(file, kind).hexdigest()}"
