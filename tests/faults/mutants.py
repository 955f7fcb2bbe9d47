"""Small faults in the library, one at a time: do the tests notice? `make mutants` draws 200 of them and tries each.

    python tests/faults/mutants.py STATE --seed 0 --number 200 --report results/mutants.md

A fault is one operator, comparison, number or truth value changed in one file (DeMillo et al. 1978, "Hints on Test Data
Selection"). The tests that reach the changed statement run on it, the quickest first, in a copy of the project and in a
process forked when the heavy packages are loaded: cosmic-ray and mutmut, which do the same, start anew for each fault or
know no reach of a line, and draw no sample. What the folder STATE holds is not done again.
"""

import argparse
import ast
import json
import random
import tempfile
from collections import Counter
from pathlib import Path

import reach
from same_meaning import reason

ENOUGH = 10.0  # seconds of the tests of a file that one fault is shown to
SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.And: ast.Or,
    ast.Or: ast.And, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


def changed(node: ast.AST) -> ast.AST | None:
    """A copy of the node with a small fault, or None where there is nothing to change."""
    fields = dict(ast.iter_fields(node))
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
        return ast.Constant(not node.value if isinstance(node.value, bool) else node.value + 1)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        return node.operand
    if isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in SWAPS:
        return type(node)(**fields | {"op": SWAPS[type(node.op)]()})
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        return ast.Compare(**fields | {"ops": [SWAPS[type(node.ops[0])](), *node.ops[1:]]})
    return None


def code(node: ast.AST, lines: tuple[int, int], inside: bool = False):
    """Each node that computes something, with the lines that reach it: no types, no texts of messages.

    Those are the lines of its statement, without the block below it; of a function's defaults, the whole function; of
    what runs at import, the whole file.
    """
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or name in ("annotation", "returns") or isinstance(child, ast.JoinedStr):
                continue
            of, function = lines, isinstance(child, ast.FunctionDef)
            if isinstance(child, ast.stmt) and inside:
                block = getattr(child, "body", None)
                of = child.lineno, max(child.lineno, block[0].lineno - 1) if block else child.end_lineno
            elif function:
                of = child.lineno, child.end_lineno
            yield child, of
            yield from code(child, of, inside or function)


def faults(module: str) -> list[dict]:
    """Every fault that a module can have: its place in bytes, the lines of its statement, what stands there before and after."""
    source = (reach.ROOT / module).read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found, text = [], source.decode().splitlines()
    for node, lines in code(ast.parse(source), (1, len(starts))):
        if new := changed(node):
            first, last = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
            there = {"module": module, "line": node.lineno, "lines": lines, "first": first, "last": last}
            there |= {"text": text[node.lineno - 1].strip(), "column": node.col_offset}
            found.append(there | {"before": source[first:last].decode(), "after": f"({ast.unparse(new)})"})
    return found


def drawn(number: int, seed: int) -> list[dict]:
    """A sample without replacement over all modules, in their order."""
    everything = [fault for module in reach.AREAS for fault in faults(module)]
    chosen = random.Random(seed).sample(range(len(everything)), number)
    return [everything[n] for n in sorted(chosen)]


def tried(fault: dict, copy: Path, kept: Path) -> str:
    """What the tests say about a fault: noticed, survived, or unreached where none runs its statement."""
    outcome = "unreached"
    for file in reach.files_of(copy, fault["module"]):  # the next is asked where the last has noticed nothing
        if tests := reaching(fault, reach.reached(copy, file, kept)):
            if not pass_with(fault, copy, tests):
                return "noticed"
            outcome = "survived"
    return outcome


def pass_with(fault: dict, copy: Path, tests: list[str]) -> bool:
    """Whether all these tests pass while the fault is there."""
    path = copy / fault["module"]
    source = path.read_bytes()
    path.write_bytes(source[: fault["first"]] + fault["after"].encode() + source[fault["last"] :])
    try:
        return reach.forked(lambda: reach.run_tests(copy, ["-x", *tests]), copy / "tmp" / "log") == 0
    finally:
        path.write_bytes(source)


def reaching(fault: dict, tests: dict[str, list]) -> list[str]:
    """The tests of a file that run a line of its statement, the quickest first, up to so many seconds together."""
    of = {
        test: seconds
        for test, (seconds, lines) in tests.items()
        if {*range(fault["lines"][0], fault["lines"][1] + 1)} & {*lines.get(fault["module"], ())}
    }
    chosen, total = [], 0.0
    for test in sorted(of, key=of.get):
        total += of[test]
        if chosen and total > ENOUGH:
            break
        chosen.append(test)
    return chosen


def name(fault: dict) -> str:
    """What tells one fault from another, also when lines above it have come or gone."""
    return json.dumps([fault[k] for k in ("module", "text", "column", "before", "after")])


def report(sample: list[dict], seed: int) -> str:
    """Markdown: the figures of what is tried, each fault that no test noticed, with the reason if there is one."""
    found = [fault for fault in sample if "outcome" in fault]
    left = [fault | {"why": reason(fault)} for fault in found if fault["outcome"] != "noticed"]
    same, noticed = sum(bool(fault["why"]) for fault in left), len(found) - len(left)
    meant = f"{noticed / max(len(found) - same, 1):.1%} of those that change what is computed"
    waiting = Counter(fault["module"].removeprefix("vcemo_lib/") for fault in sample if "outcome" not in fault)
    lines = [
        "# Small faults in the library\n",
        f"`python tests/faults/mutants.py FOLDER --seed {seed} --number {len(sample)}`: {len(found)} faults were tried, "
        f"{noticed} noticed, {same} mean the same, {len(left) - same} were not noticed ({meant}).\n",
        *([f"Not tried yet: {', '.join(f'{n} in {module}' for module, n in waiting.items())}.\n"] if waiting else []),
        *("| file | line | before | after | what came of it |", "|---|---:|---|---|---|"),
    ]
    for fault in left:
        before, after = (" ".join(fault[k].replace("|", "\\|").split()) for k in ("before", "after"))
        came = f"the same: {fault['why']}" if fault["why"] else "not noticed"
        lines.append(
            f"| {fault['module'].removeprefix('vcemo_lib/')} | {fault['line']} | `{before}` | `{after}` | {came} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Draw, try what is not tried yet, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("state", type=Path, help="folder to keep what is done in")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--only", default="", help="a part of the name of the modules to try now; the others wait")
    parser.add_argument("--again", action="store_true", help="try what was not noticed once more, as after a new test")
    parser.add_argument("--report", type=Path, help="Markdown to write")
    asked = parser.parse_args()
    asked.state.mkdir(parents=True, exist_ok=True)
    done = asked.state / f"tried-{asked.seed}.jsonl"
    lines = [json.loads(line) for line in done.read_text().splitlines()] if done.exists() else []
    known = {name(fault): fault for fault in lines if not asked.again or fault["outcome"] == "noticed"}
    sample = drawn(asked.number, asked.seed)
    if todo := [fault for fault in sample if asked.only in fault["module"] and name(fault) not in known]:
        reach.load_heavy()
        with tempfile.TemporaryDirectory() as folder:
            copy = reach.copied(Path(folder))
            reach.keep_features(copy, asked.state / "features")
            for fault in todo:
                known[name(fault)] = fault | {"outcome": tried(fault, copy, asked.state / "reach.json")}
                with done.open("a") as file:
                    file.write(json.dumps(known[name(fault)]) + "\n")
    text = report([known.get(name(fault), fault) for fault in sample], asked.seed)
    print(text)
    if asked.report:
        asked.report.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
