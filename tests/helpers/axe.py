"""axe-core in a page: what would keep somebody from reading it. The script comes in the wheel of axe-playwright-python."""

from importlib.util import find_spec
from pathlib import Path

_SPEC = find_spec("axe_playwright_python")  # of `make book`; the wheel is pinned with its hash
SCRIPT = Path(_SPEC.origin).with_name("axe.min.js") if _SPEC else None
ASK = """axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.flatMap(
  rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(' ')} ${node.html.slice(0, 120)}`)))"""


def findings(tab) -> list[str]:
    """A line for each place of the open page that breaks a rule."""
    tab.ask(SCRIPT.read_text(encoding="utf-8") + ";0")
    return tab.ask(ASK)
