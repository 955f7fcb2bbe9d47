"""Archives of corpora, unpacked without trusting the paths, the links and the sizes that stand in them."""

import lzma
import shutil
import stat
import tarfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath

from ...digests import sha256
from ...disk import of_the_disk
from ...messages import log
from ...paths import cache_dir, is_file
from ...storage import locked, whole_folder
from ..corpus import CorpusError
from .files import everyday

TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError)
DAMAGED += (MemoryError, ValueError)  # a name or a size that no file can have
DISTRUST = "nothing was unpacked, do not trust it"
YOURSELF = "nothing was unpacked, unpack it yourself if you trust it"
# More than any corpus has, and less than what fills a disk or a memory.
MEMBERS, DEPTH = 1_000_000, 30  # files and folders in an archive; folders in one another
RATIO, SMALL = 200, 100_000_000  # bytes unpacked for one packed, of an archive that unpacks to more than SMALL
UTF_8 = 0x800  # among the flags of a zip's member: its name is UTF-8
PADDING, HEADER = 100_000_000, 1 << 20  # bytes of zeros after the last file of a tar, and of a file's header in it


def is_archive(path: Path) -> bool:
    """Whether a file has the name of an archive that can be unpacked here."""
    return is_file(path) and path.name.lower().endswith((".zip", *TAR))


def unpacked(archive: Path) -> Path:
    """The folder that an archive holds, laid out in the cache; the same archive is not unpacked again.

    Raises:
        CorpusError: it is damaged, writes outside of its folder, holds links or devices, or unpacks to more than
            such archives do or the disk has room for.
    """
    folder = cache_dir() / "corpora" / f"{archive.name.split('.')[0]}-{sha256(archive)[:12]}"
    if not folder.is_dir():
        with locked(folder):
            if not folder.is_dir():  # else another process was faster, and its folder holds the same
                try:
                    with whole_folder(folder) as unfinished:
                        _unpack(archive, unfinished)
                except OSError:
                    if not folder.is_dir():  # where locks do not hold, as on some network disks
                        raise
    return _top(folder)


def _unpack(archive: Path, folder: Path) -> None:
    try:
        (_unpack_zip if archive.name.lower().endswith(".zip") else _unpack_tar)(archive, folder)
    except CorpusError:
        raise
    except DAMAGED as error:
        if of_the_disk(error):
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CorpusError(
            f"{archive} is no whole archive ({reason}): download it again, or unpack it yourself"
        ) from None


def _name_as_written(archive: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    """Give members their names; where nothing says that these are UTF-8, zipfile takes them for the first PCs' letters.

    macOS writes UTF-8 without saying so, Windows in China GBK. All are read alike, so that no folder falls apart.
    What Windows writes elsewhere nobody can tell, so that a guess is said. It may part folders by backslashes.
    """
    unsaid = [member for member in members if not member.flag_bits & UTF_8]
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeError):
            names = [member.filename.encode("cp437").decode(encoding) for member in unsaid]
            parts = dict.fromkeys(part for name in names for part in name.split("/"))
            if encoding == "utf-8" or everyday("".join(parts)):
                for member, name in zip(unsaid, names, strict=True):
                    member.filename = name
            break
    if encoding != "utf-8":
        guess = next(member.filename for member in unsaid if not member.filename.isascii())
        log.warning(
            f"{archive} does not say what its names are written in, they are read as {guess!r}: if that is wrong, "
            "unpack it yourself and give the folder"
        )
    for member in members:
        member.filename = member.filename.replace("\\", "/")


def _unpack_zip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        _name_as_written(archive, opened.infolist())
        kinds = (0, stat.S_IFREG, stat.S_IFDIR)  # 0: the archive does not say
        files = Counter(str(PurePosixPath(m.filename)) for m in opened.infolist() if not m.is_dir())
        if twice := [name for name, n in files.items() if n > 1]:
            raise CorpusError(f"{archive} holds {twice[0]!r} more than once: pack it again")
        plain = ((m.filename, m.file_size, stat.S_IFMT(m.external_attr >> 16) in kinds) for m in opened.infolist())
        _check(archive, folder, plain)
        for member in opened.infolist():  # not by name: zipfile knows the others
            opened.extract(member, folder)


class _Header(tarfile.TarInfo):
    """A header of a tar, which may itself say that it is gigabytes long; tarfile would read them all."""

    def _proc_member(self, opened: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type not in (*tarfile.REGULAR_TYPES, tarfile.DIRTYPE, tarfile.GNUTYPE_SPARSE) and self.size > HEADER:
            raise CorpusError(f"{opened.name} has a header of {self.size:,} bytes: {DISTRUST}")
        return super()._proc_member(opened)


def _unpack_tar(archive: Path, folder: Path) -> None:
    with tarfile.open(archive, tarinfo=_Header) as opened:
        _check(archive, folder, ((m.name, m.size, m.isfile() or m.isdir()) for m in opened))
        _read_on(opened)
        for member in opened.getmembers():  # the archive's own time may be one that no file can have
            member.mtime = time.time()
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # not yet in Python 3.11.3
        opened.extractall(folder, **safely)


def _read_on(opened: tarfile.TarFile) -> None:
    """To tarfile a damaged header is the end: read on, what follows must be zeros with the checksum of its gzip."""
    read = 0
    while block := opened.fileobj.read(1 << 20):
        read += len(block)
        if block.strip(b"\0") or read > PADDING:
            raise tarfile.ReadError("a header in it is damaged")


def _check(archive: Path, folder: Path, members: Iterable[tuple[str, int, bool]]) -> None:
    """Raise at the first member, (name, bytes, whether a file or a folder), that may not be written.

    One after the other: what follows a member that claims a terabyte is not even looked for.
    """
    packed, free, total = archive.stat().st_size, shutil.disk_usage(folder).free, 0
    for count, (name, size, plain) in enumerate(members, start=1):
        total += size
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or PureWindowsPath(name).drive:
            what, cure = f"would write outside of its folder ({name!r})", DISTRUST
        elif not plain:
            what, cure = f"holds {name!r}, which is neither a file nor a folder", YOURSELF
        elif count > MEMBERS or len(path.parts) > DEPTH:
            what, cure = f"holds more than {MEMBERS:,} files, or {DEPTH} folders in one another", YOURSELF
        elif total > max(SMALL, RATIO * packed):
            what, cure = f"would unpack to more than {RATIO} times its {packed:,} bytes", YOURSELF
        elif total > free:
            what = f"would unpack to {total / 1e9:.1f} GB and {free / 1e9:.1f} GB are free"
            cure = "make room, or unpack it elsewhere and give the folder"
        else:
            continue
        raise CorpusError(f"{archive} {what}: {cure}")


def _top(folder: Path) -> Path:
    """The only folder in it, and the only one in that, …: archives of repositories begin with one."""
    inside = [path for path in folder.iterdir() if path.name != "__MACOSX"]
    return _top(inside[0]) if len(inside) == 1 and inside[0].is_dir() else folder
