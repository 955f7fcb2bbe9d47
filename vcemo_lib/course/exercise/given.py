"""Which lines of a chapter a piece of code rests on, so that an exercise runs without its chapter.

Only definitions count: functions, classes, imports, assignments. What a later line does to a value (training a
model, filling a list) is not seen, so an exercise uses what is defined once.
"""

import ast
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Line:
    """One statement of a notebook's top level. Args: cell, the place of its cell in the notebook."""

    source: str
    cell: int

    @cached_property
    def binds(self) -> frozenset[str]:
        """The names it defines."""
        return binds(self.source)

    @cached_property
    def needs(self) -> frozenset[str]:
        """The names it takes from elsewhere."""
        return needs(self.source)

    @cached_property
    def waits(self) -> bool:
        """Whether what it needs is looked up only when it is called."""
        return isinstance(ast.parse(self.source).body[0], FUNCTIONS)


def lines(source: str, cell: int = 0) -> list[Line]:
    """The statements of a cell. Errors: `SyntaxError`."""
    return [Line(ast.unparse(node), cell) for node in ast.parse(source).body]


def binds(source: str) -> frozenset[str]:
    """The names that code defines at its top level. Errors: `SyntaxError`."""
    table = symtable.symtable(source, "cell", "exec")
    return frozenset(
        s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()
    )


def needs(source: str) -> frozenset[str]:
    """The names that code takes from elsewhere, those its functions take included. Errors: `SyntaxError`."""
    table = symtable.symtable(source, "cell", "exec")
    top = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    return frozenset(top | {name for child in table.get_children() for name in _globals(child)})


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    yield from (s.get_name() for s in table.get_symbols() if s.is_global())
    for child in table.get_children():
        yield from _globals(child)


def given(source: str, before: Sequence[Line]) -> list[Line]:
    """Those of the lines that code needs, and what these need in turn, in order.

    Args: before, the lines of the chapter that stand before the code.
    """
    wanted, chosen = [(name, len(before)) for name in needs(source)], set()
    while wanted:
        name, end = wanted.pop()
        place = next((k for k in reversed(range(end)) if name in before[k].binds), None)
        if place is not None and place not in chosen:
            chosen.add(place)
            line = before[place]
            wanted += [(other, len(before) if line.waits else place) for other in line.needs]
    return [before[k] for k in sorted(chosen)]
