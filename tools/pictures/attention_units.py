"""The two units that co-attention is made of, and the layer that they make (Paper §3.3, Fig. 2)."""

from .svg import Sheet

WORDS = (
    "Left: self-attention asks, answers and is asked by one sequence, then adds what came in, normalises, and passes a "
    "feed-forward net with the same addition. Middle: the guided unit attends to its own sequence first, then asks the "
    "guide, which gives key and value. Right: L self-attention units make the guide; its last output guides every layer."
)


def draw() -> str:
    """SA, SGA, and the layer of L of each."""
    sheet = Sheet(838, 408, "Self-attention, guided attention and the co-attention layer", WORDS)
    _unit(sheet, 20, "SA", guided=False)
    _unit(sheet, 250, "SGA", guided=True)
    _layer(sheet)
    return sheet.svg()


def _unit(sheet: Sheet, x: int, name: str, guided: bool) -> None:
    """One unit from its input at the bottom to its output at the top."""
    middle = x + 80
    sheet.text(x, 30, name, bold=True, size=18)
    steps = [("feed-forward", "d → 4d → d"), ("self-attention", "q, k, v = x")]
    if guided:
        steps.insert(1, ("guided attention", "q = x; k, v = guide"))
    for k, lines in enumerate(steps):
        y = 56 + 100 * k
        kind = "words" if lines[0].startswith("guided") else "fusion"
        sheet.box(x, y, 160, 56, lines, kind)
        sheet.text(middle + 8, y + 76, "add, normalise", size=13) if k + 1 < len(steps) else None
        sheet.arrow((middle, y + 100 if k + 1 < len(steps) else y + 92), (middle, y + 56))
    bottom = 56 + 100 * len(steps) - 8
    sheet.text(middle, bottom + 18, "x (N × d)", "middle")
    sheet.arrow((middle, 56), (middle, 38))
    if guided:
        sheet.arrow((x + 188, 184), (x + 160, 184))
        sheet.text(x + 164, 172, "guide", colour="#b45309", size=13)


def _layer(sheet: Sheet) -> None:
    """The guide's stack at the left, the guided one's at the right, the last output to every layer."""
    sheet.text(490, 30, "co-attention layer, L = 3", bold=True, size=18)
    for k in range(3):
        y = 290 - 92 * k
        sheet.box(490, y, 110, 46, ("SA",), "words")
        sheet.box(700, y, 118, 46, ("SGA",), "audio")
        if k:
            sheet.arrow((545, y + 92), (545, y + 46))
            sheet.arrow((759, y + 92), (759, y + 46))
        sheet.arrow((650, y + 23), (700, y + 23))
    sheet.line((545, 106), (545, 76), (650, 76), (650, 313))
    sheet.arrow((545, 372), (545, 336))
    sheet.arrow((759, 372), (759, 336))
    sheet.arrow((759, 106), (759, 60))
    sheet.text(545, 392, "guide (words)", "middle")
    sheet.text(759, 392, "guided (sound)", "middle")
    sheet.text(560, 68, "the last output guides all", size=13)
