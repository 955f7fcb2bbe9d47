"""The glossary of the book, and the links of chapters to it: each term shows its meaning under the pointer."""

import re
from pathlib import Path

import yaml

from vcemo_lib.course.check.reading_rules import LABEL_LINK
from vcemo_lib.readings import reading_table

ROOT = Path(__file__).parents[1]
TERMS = yaml.safe_load((ROOT / "notebooks" / "terms.yaml").read_text(encoding="utf-8"))
# What is no prose: code, links and pictures, formulas, headings, lines set in, HTML to the end of its block.
APART = re.compile(
    r"```.*?```|`[^`\n]*`|!?\[[^\]]*\]\([^)]*\)|\$\$.*?\$\$|\$[^$\n]+\$|^(?:#| {4}).*?$|<.*?(?:\n\n|\Z)", re.S | re.M
)
READINGS = reading_table()  # A1 to A44
EQUATION = re.compile(r"^\$\$(.+?)\$\$ *$", re.S | re.M)


def page() -> str:
    """The page of all terms, in the order of the alphabet, each with the chapter that explains it."""
    lines = ["# Glossary", "", "```{glossary}"]
    for term, about in sorted(TERMS.items(), key=lambda item: item[0].lower()):
        (chapter,) = (ROOT / "notebooks").glob(f"{about['chapter']}_*.ipynb")
        formula = f" Equation {{eq}}`eq-{about['equation']}`." if "equation" in about else ""
        lines += [term, f"  {about['means']}{formula} [Chapter {about['chapter']}](notebooks/{chapter.name}).", ""]
    return "\n".join([*lines, "```", ""])


def readings_page() -> str:
    """The page of what the paper leaves open, so that each label leads there and shows its question."""
    lines = ["# What the paper leaves open", "", "```{glossary}"]
    for name, row in READINGS.iterrows():
        answer = f"**We take** {row['we take']}. **Others:** {row['others']}. **Sure:** {row['sure']}; {row['why']}."
        lines += [name, f"  {row['question']} {answer}", ""]
    return "\n".join([*lines, "```", ""])


def linked(text: str) -> str:
    """Markdown in which each label A1 to A44, and the first mention of each term, leads to what it means."""
    text = LABEL_LINK.sub(r"{term}`\1`", text)
    for term in TERMS:
        apart = [found.span() for found in APART.finditer(text)]
        for found in re.finditer(rf"(?<![\w-]){re.escape(term)}(?![\w-])", text):
            if not any(first <= found.start() < last for first, last in apart):
                text = f"{text[: found.start()]}{{term}}`{term}`{text[found.end() :]}"
                break
    return text


def numbered(text: str, cell: str) -> str:
    """Markdown whose displayed equations have a name, so that other pages can show them: `eq-` and the cell's id."""
    count = iter(range(1, 100))
    names = (f"eq-{cell}" + (f"-{number}" if number > 1 else "") for number in count)
    return EQUATION.sub(lambda found: f"$${found[1]}$$ ({next(names)})", text)
