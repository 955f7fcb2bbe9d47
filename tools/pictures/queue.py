"""One step of training with the queue of the momentum encoder, in four frames (Paper §3.4–3.5)."""

from .svg import Sheet

WORDS = (
    "Frame 1: a batch goes through the encoder and, as keys, through the slow copy of it. Frame 2: each query is compared "
    "with the keys of this batch and with every key in the queue; those of its own label are its positives. Frame 3: the "
    "gradient changes the encoder only; the slow copy moves by a thousandth towards it. Frame 4: the keys of this batch "
    "enter the queue with their labels and the oldest leave."
)
LABELS = "abcabbcaac"
KIND = {"a": "audio", "b": "words", "c": "bert"}


def draw() -> str:
    """Encode, compare, learn, exchange."""
    sheet = Sheet(838, 430, "One step with a labelled queue", WORDS)
    titles = "1 · encode twice", "2 · compare", "3 · learn, follow", "4 · exchange"
    for k, (title, frame) in enumerate(zip(titles, (_encode, _compare, _learn, _exchange), strict=True)):
        x, y = 12 + 415 * (k % 2), 10 + 208 * (k // 2)
        sheet.box(x, y, 400, 198, ())
        sheet.text(x + 14, y + 26, title, bold=True, size=17)
        frame(sheet, x + 14, y + 44)
    return sheet.svg()


def _keys(sheet: Sheet, x: int, y: int, labels: str) -> None:
    for k, label in enumerate(labels):
        sheet.box(x + 28 * k, y, 24, 30, (label,), KIND[label])


def _encode(sheet: Sheet, x: int, y: int) -> None:
    sheet.box(x, y + 40, 80, 50, ("batch", "B clips"))
    sheet.box(x + 130, y, 120, 50, ("encoder", "θ"), "fusion")
    sheet.box(x + 130, y + 84, 120, 50, ("slow copy", "θ_k"), "fusion", dashed=True)
    sheet.arrow((x + 80, y + 58), (x + 130, y + 26))
    sheet.arrow((x + 80, y + 72), (x + 130, y + 108))
    sheet.arrow((x + 250, y + 25), (x + 290, y + 25))
    sheet.arrow((x + 250, y + 109), (x + 290, y + 109))
    _keys(sheet, x + 294, y + 10, "bac")
    _keys(sheet, x + 294, y + 94, "bac")
    sheet.text(x + 294, y + 60, "queries z", size=14)
    sheet.text(x + 294, y + 144, "keys", size=14)


def _compare(sheet: Sheet, x: int, y: int) -> None:
    _keys(sheet, x, y, "b")
    sheet.text(x + 36, y + 20, "a query asks all keys:", size=14)
    _keys(sheet, x, y + 60, "bac")
    _keys(sheet, x + 94, y + 60, LABELS)
    sheet.text(x, y + 110, "batch", size=14)
    sheet.text(x + 94, y + 110, "queue, older keys", size=14)
    for k, label in enumerate("bac" + LABELS):
        at = x + 12 + 28 * k + (10 if k > 2 else 0)
        if label == "b":
            sheet.arrow((x + 12, y + 32), (at, y + 59), colour="#b45309")
    sheet.text(x, y + 138, "arrows: positives, to be near; all others: to be far", size=14)


def _learn(sheet: Sheet, x: int, y: int) -> None:
    sheet.box(x, y + 20, 130, 50, ("encoder", "θ ← θ − η ∇L"), "fusion")
    sheet.box(x + 240, y + 20, 130, 50, ("slow copy", "no gradient"), "fusion", dashed=True)
    sheet.arrow((x + 130, y + 45), (x + 240, y + 45))
    sheet.text(x + 140, y + 36, "a thousandth", size=13)
    sheet.text(x, y + 104, "θ_k ← m θ_k + (1 − m) θ,   m = 0.999", size=15)
    sheet.text(x, y + 130, "so old keys stay comparable with new ones", size=14)


def _exchange(sheet: Sheet, x: int, y: int) -> None:
    _keys(sheet, x, y + 30, "bac")
    sheet.arrow((x + 86, y + 45), (x + 108, y + 45))
    _keys(sheet, x + 112, y + 30, LABELS[:-2])
    sheet.arrow((x + 338, y + 45), (x + 362, y + 45))
    sheet.text(x, y + 84, "in, with labels", size=14)
    sheet.text(x + 112, y + 84, "16,384 keys, first in, first out", size=14)
    sheet.text(x + 372, y + 84, "out", "end", size=14)
    sheet.text(x, y + 130, "only now: no clip meets its own key twice", size=14)
