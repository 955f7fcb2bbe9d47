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
    symbols = table.get_symbols()
    return frozenset(s.get_name() for s in symbols if s.is_assigned() or s.is_imported() or s.is_namespace())


def needs(source: str) -> frozenset[str]:
    """The names that code takes from elsewhere, those its functions take included. Errors: `SyntaxError`."""
    now, later, bound = set(), set(), set()
    for node in _statements(ast.parse(source).body):
        if isinstance(node, str):
            bound.add(node)
            continue
        if isinstance(node, FUNCTIONS):
            later |= _used(node)
        else:
            now |= _used(node) - bound
        bound |= binds(ast.unparse(node))
    return frozenset(now | (later - bound))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt | ast.expr | str]:
    """Simple statements, expressions, and names that loops and blocks bind, in the order in which they run."""
    for node in body:
        match node:
            case ast.For():
                yield node.iter
                yield from _targets(node.target)
                yield from _statements([*node.body, *node.orelse])
            case ast.With():
                for item in node.items:
                    yield item.context_expr
                    yield from _targets(item.optional_vars) if item.optional_vars else ()
                yield from _statements(node.body)
            case ast.If() | ast.While():
                yield node.test
                yield from _statements([*node.body, *node.orelse])
            case ast.Try():
                yield from _statements(node.body)
                for handler in node.handlers:
                    yield from [handler.type] if handler.type else []
                    yield from [handler.name] if handler.name else []
                    yield from _statements(handler.body)
                yield from _statements([*node.orelse, *node.finalbody])
            case _:
                yield node


def _targets(target: ast.expr) -> Iterator[str]:
    yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _used(node: ast.AST) -> set[str]:
    """The names that a statement or expression reads from outside itself."""
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
