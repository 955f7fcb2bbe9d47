"""Boxes, arrows and words on one sheet of SVG: as much as the drawings of the course need."""

from html import escape

INK, FAINT, PAPER = "#1f2937", "#6b7280", "#ffffff"
COLOURS = {  # of a modality or a part: fill, edge
    "audio": ("#ccf0e9", "#0f766e"),
    "words": ("#fde8c8", "#b45309"),
    "bert": ("#e8e2fc", "#6d28d9"),
    "fusion": ("#dbeafe", "#1d4ed8"),
    "head": ("#fde2e8", "#be123c"),
    "plain": (PAPER, INK),
}
FONT = "Helvetica, Arial, sans-serif"
TIP = 9  # px, the length of an arrow's head


class Sheet:
    """A drawing of a given width and height in px, made from the back to the front."""

    def __init__(self, width: int, height: int, title: str, words: str):
        self.size, self.title, self.words, self.parts = (width, height), title, words, []

    def box(self, x, y, w, h, lines, kind="plain", lit=True, dashed=False) -> None:
        """A rounded box with centred lines of text, the first in bold; faint where it is not lit."""
        fill, edge = COLOURS[kind] if lit else (PAPER, "#9ca3af")
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        self.parts.append(
            f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="8" fill="{fill}" stroke="{edge}"'
            f' stroke-width="{2.5 if lit else 1.5}"{dash}/>'
        )
        top = y + h / 2 - 9.5 * (len(lines) - 1)
        for k, line in enumerate(lines):
            self.text(x + w / 2, top + 19 * k + 5, line, "middle", INK if lit else FAINT, bold=k == 0)

    def text(self, x, y, words, anchor="start", colour=INK, bold=False, size=15) -> None:
        """One line of text, its base line at y."""
        weight = ' font-weight="bold"' if bold else ""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}" font-size="{size}"{weight}>'
            f"{escape(words)}</text>"
        )

    def sign(self, x, y, sign, lit=True) -> None:
        """A join: its sign in a circle."""
        fill, edge = COLOURS["fusion"] if lit else (PAPER, "#9ca3af")
        self.parts.append(f'<circle cx="{x}" cy="{y}" r="13" fill="{fill}" stroke="{edge}" stroke-width="2"/>')
        self.text(x, y + 6, sign, "middle", INK if lit else FAINT, bold=True, size=18)

    def line(self, *points, colour=INK, dashed=False) -> None:
        """A line through the points."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"{dash}/>')

    def arrow(self, *points, colour=INK, dashed=False) -> None:
        """A line through the points that ends in a head."""
        (x0, y0), (x, y) = points[-2:]
        length = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5
        dx, dy = (x - x0) / length, (y - y0) / length
        self.line(*points[:-1], (x - TIP * dx, y - TIP * dy), colour=colour, dashed=dashed)
        left, right = ((x - TIP * dx - side * dy * TIP / 2, y - TIP * dy + side * dx * TIP / 2) for side in (1, -1))
        path = " ".join(f"{a:g},{b:g}" for a, b in ((x, y), left, right))
        self.parts.append(f'<polygon points="{path}" fill="{colour}"/>')

    def svg(self) -> str:
        """The whole, with its title and its words for those who do not see it."""
        width, height = self.size
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                f'height="{height}" role="img" font-family="{FONT}">',
                f"<title>{escape(self.title)}</title>",
                f"<desc>{escape(self.words)}</desc>",
                f'<rect width="{width}" height="{height}" rx="10" fill="{PAPER}"/>',
                *self.parts,
                "</svg>\n",
            ]
        )
