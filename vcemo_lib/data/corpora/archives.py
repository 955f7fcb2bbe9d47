"""Archives of corpora, unpacked without trusting the paths, the links and the sizes that stand in them."""

import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

from ...digests import sha256
from ...disk import of_the_disk
from ...paths import cache_dir
from ...storage import locked, whole_folder
from ..corpus import CorpusError

TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError)


def is_archive(path: Path) -> bool:
    """Whether a file has the name of an archive that can be unpacked here."""
    return path.is_file() and path.name.lower().endswith((".zip", *TAR))


def unpacked(archive: Path) -> Path:
    """The folder that an archive holds, laid out in the cache; the same archive is not unpacked again.

    Raises:
        CorpusError: it is damaged, writes outside of its folder, holds links or devices, or is larger than the disk.
    """
    folder = cache_dir() / "corpora" / f"{archive.name.split('.')[0]}-{sha256(archive)[:12]}"
    if not folder.is_dir():
        with locked(folder):
            if not folder.is_dir():  # else another process was faster, and its folder holds the same
                _lay_out(archive, folder)
    return _top(folder)


def _lay_out(archive: Path, folder: Path) -> None:
    try:
        with whole_folder(folder) as unfinished:
            _unpack(archive, unfinished)
    except OSError:
        if not folder.is_dir():  # where locks do not hold, as on some network disks
            raise


def _unpack(archive: Path, folder: Path) -> None:
    try:
        (_unpack_zip if archive.name.lower().endswith(".zip") else _unpack_tar)(archive, folder)
    except DAMAGED as error:
        if of_the_disk(error):
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CorpusError(
            f"{archive} is no whole archive ({reason}): download it again, or unpack it yourself"
        ) from None


def _unpack_zip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        _refuse(archive, folder, [(m.filename, m.file_size, _plain_in_zip(m)) for m in opened.infolist()])
        opened.extractall(folder)


def _unpack_tar(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as opened:
        _refuse(archive, folder, [(m.name, m.size, m.isfile() or m.isdir()) for m in opened.getmembers()])
        _read_on(opened)
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # not yet in Python 3.11.3
        opened.extractall(folder, **safely)


def _read_on(opened: tarfile.TarFile) -> None:
    """To tarfile a damaged header is the end: read on, what follows must be zeros with the checksum of its gzip."""
    while block := opened.fileobj.read(1 << 20):
        if block.strip(b"\0"):
            raise tarfile.ReadError("a header in it is damaged")


def _plain_in_zip(member: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(member.external_attr >> 16)
    return kind in (0, stat.S_IFREG, stat.S_IFDIR)


def _refuse(archive: Path, folder: Path, members: list[tuple[str, int, bool]]) -> None:
    """Raise for the first member, (name, bytes, whether a file or a folder), that may not be written."""
    for name, _, plain in members:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or PureWindowsPath(name).drive:
            raise CorpusError(
                f"{archive} would write outside of its folder ({name!r}): nothing was unpacked, do not trust it"
            )
        if not plain:
            raise CorpusError(
                f"{archive} holds {name!r}, which is neither a file nor a folder: nothing was unpacked, "
                "unpack it yourself if you trust it"
            )
    total, free = sum(size for _, size, _ in members), shutil.disk_usage(folder).free
    if total > free:
        raise CorpusError(
            f"{archive} would unpack to {total / 1e9:.1f} GB and {free / 1e9:.1f} GB are free: make room, or "
            "unpack it elsewhere and give the folder"
        )


def _top(folder: Path) -> Path:
    """The only folder in it, and the only one in that, …: archives of repositories begin with one."""
    inside = [path for path in folder.iterdir() if path.name != "__MACOSX"]
    return _top(inside[0]) if len(inside) == 1 and inside[0].is_dir() else folder
