"""Records of what was measured on real corpora by simple means, one line a question."""

import json
from pathlib import Path

from ..data.corpus import Corpus
from ..evaluation.records import environment
from ..storage import read_json, write_text


def write_lines(path: Path, corpus: Corpus, lines: dict[str, dict]) -> dict[str, dict]:
    """Write what was measured beside what it was measured on; returns the lines."""
    head = {"corpus": corpus.name, "corpus_hash": corpus.hash, "licence": corpus.licence}
    head |= {"environment": environment()}
    top = [f'"{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in head.items()]
    body = [f'"{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in lines.items()]
    write_text(path, "{\n" + ",\n".join(top) + ',\n"lines": {\n' + ",\n".join(body) + "\n}\n}\n")
    return lines


def read_lines(path: Path) -> dict[str, dict]:
    """The lines of a record, by what was asked."""
    return read_json(path)["lines"]
