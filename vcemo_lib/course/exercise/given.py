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
BLOCKS = ("body", "handlers", "orelse", "finalbody")


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
    symbols = table.get_symbols()
    return frozenset(s.get_name() for s in symbols if s.is_assigned() or s.is_imported() or s.is_namespace())


def needs(source: str) -> frozenset[str]:
    """The names that code takes from elsewhere, those its functions take included. Errors: `SyntaxError`."""
    now, later, bound = set(), set(), set()
    for node in _steps(ast.parse(source).body):
        if isinstance(node, FUNCTIONS):
            later |= _used(node)
        else:
            now |= _used(node) - bound
        bound |= binds(ast.unparse(node))
    return frozenset(now | (later - bound))


def _steps(body: list[ast.stmt | ast.ExceptHandler]) -> Iterator[ast.stmt]:
    """Statements in the order in which they run: of one with blocks its heads alone, then what is in its blocks."""
    for node in body:
        if isinstance(node, FUNCTIONS) or not hasattr(node, "body"):
            yield node
            continue
        head = vars(node) | {name: [] for name in BLOCKS if hasattr(node, name)} | {"body": [ast.Pass()]}
        match node:
            case ast.With() | ast.AsyncWith():
                yield from (type(node)(**head | {"items": [item]}) for item in node.items)
            case ast.ExceptHandler():
                yield ast.Try(head["body"], [ast.ExceptHandler(**head)], [], [])
            case ast.For() | ast.AsyncFor() | ast.If() | ast.While():
                yield type(node)(**head)
        for name in BLOCKS:
            yield from _steps(getattr(node, name, []))


def _used(node: ast.AST) -> set[str]:
    """The names that a statement reads from outside itself."""
    table = symtable.symtable(ast.unparse(node), "cell", "exec")
    top = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    changed = {node.target.id} if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) else set()
    return top | changed | {name for child in table.get_children() for name in _globals(child)}


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    yield from (s.get_name() for s in table.get_symbols() if s.is_global())
    for child in table.get_children():
        yield from _globals(child)


def given(source: str, before: Sequence[Line]) -> list[Line]:
    """Those of the lines before it that code needs, and what these need in turn, in order."""
    wanted, chosen = [(name, len(before)) for name in needs(source)], set()
    while wanted:
        name, end = wanted.pop()
        index = next((k for k in reversed(range(end)) if name in before[k].binds), None)
        if index is not None and index not in chosen:
            chosen.add(index)
            line = before[index]
            wanted += [(other, len(before) if line.waits else index) for other in line.needs]
    return [before[k] for k in sorted(chosen)]
