"""The two ways to make one sequence of two: added position by position, or laid beside (Paper §3.3)."""

from .svg import Sheet

WORDS = (
    "Left: words of N positions and sound of T′ positions are both brought to L positions and added, which gives L × d. "
    "Right: the L positions of the sum and BERT's one position stand side by side, which gives (L + 1) × d."
)
CELL, HIGH, L = 17, 44, 7  # px of one position, and how many positions a fusion has


def draw() -> str:
    """First and second fusion with their shapes."""
    sheet = Sheet(838, 300, "Two fusions: an addition and a concatenation", WORDS)
    sheet.text(20, 30, "first fusion: brought to L positions, added", bold=True, size=17)
    for y, length, kind, name in ((60, 5, "words", "words, N × d"), (196, 11, "audio", "sound, T′ × d")):
        _sequence(sheet, 20, y, length, kind, name)
        _sequence(sheet, 260, y, L, kind, "L × d")
        sheet.arrow((24 + CELL * length, y + 22), (256, y + 22))
    sheet.sign(320, 152, "+")
    sheet.arrow((320, 106), (320, 139))
    sheet.arrow((320, 194), (320, 165))
    sheet.arrow((333, 152), (442, 152))
    _sequence(sheet, 448, 130, L, "fusion", "F1, L × d")
    sheet.text(448, 30, "second fusion: laid beside", bold=True, size=17)
    sheet.arrow((570, 152), (597, 152))
    sheet.sign(610, 152, "‖")
    _sequence(sheet, 602, 222, 1, "bert", "BERT, 1 × d")
    sheet.arrow((610, 218), (610, 165))
    sheet.arrow((623, 152), (654, 152))
    _sequence(sheet, 660, 130, L, "fusion", "F2, (L + 1) × d")
    _sequence(sheet, 660 + L * CELL, 130, 1, "bert", "")
    return sheet.svg()


def _sequence(sheet: Sheet, x: int, y: int, length: int, kind: str, name: str) -> None:
    """A row of positions, its name under it."""
    for k in range(length):
        sheet.box(x + CELL * k, y, CELL - 3, HIGH, (), kind)
    sheet.text(x, y + HIGH + 20, name)
