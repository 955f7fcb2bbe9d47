"""The public names of a room: what its modules define without an underscore, imported when asked for."""

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

_DEFINED = re.compile(r"^(?:class|def) ([A-Za-z]\w*)|^([A-Za-z]\w*)(?:: [^=\n]+)? = ", re.MULTILINE)


def lend(room: str, init: str) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a room (PEP 562): `from vcemo_lib.models import VcemoModel` imports one module.

    The package gives its `__name__` and its `__file__`.
    """

    def __getattr__(name: str) -> object:
        homes = [] if name.startswith("_") else [module for module, names in _modules(init).items() if name in names]
        if len(homes) != 1:
            several = f"{' and '.join(homes)} define it: import it from one of them"
            raise AttributeError(f"{room} lends no {name!r}: {several if homes else 'no module of it defines it'}")
        return getattr(import_module(f"{room}.{homes[0]}"), name)

    def __dir__() -> list[str]:
        return sorted({name for names in _modules(init).values() for name in names})

    return __getattr__, __dir__


@cache
def _modules(init: str) -> dict[str, set[str]]:
    """The names that each module of a room, or room inside it, defines, read from its text without an import."""
    room = Path(init).parent
    files = {path.stem: path for path in sorted(room.glob("*.py")) if path.stem != "__init__"}
    files |= {path.parent.name: path for path in sorted(room.glob("*/__init__.py"))}
    return {
        name: {a or b for a, b in _DEFINED.findall(path.read_text(encoding="utf-8"))} for name, path in files.items()
    }
