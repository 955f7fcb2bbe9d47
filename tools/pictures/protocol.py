"""How a number of the tables comes about: what each part of the corpus is for (Paper §4.1–4.2)."""

from .svg import Sheet

WORDS = (
    "The corpus is split into eight tenths for training, one for validation and one for testing. Each epoch trains on the "
    "first and is scored on the second; the best epoch is kept. It answers the test part once. Several seeds give a mean "
    "and a spread."
)


def draw() -> str:
    """Split, train, choose, test once, repeat."""
    sheet = Sheet(838, 294, "From the corpus to one number of a table", WORDS)
    sheet.box(12, 112, 110, 60, ("corpus", "7,477 clips"))
    sheet.box(180, 30, 130, 60, ("training", "8 tenths"), "audio")
    sheet.box(180, 112, 130, 60, ("validation", "1 tenth"), "words")
    sheet.box(180, 194, 130, 60, ("test", "1 tenth"), "head")
    for y in (60, 142, 224):
        sheet.arrow((122, 142), (180, y))
    sheet.box(370, 30, 130, 60, ("an epoch", "learns"), "fusion")
    sheet.box(370, 112, 130, 60, ("its score", "on validation"), "fusion")
    sheet.arrow((310, 60), (370, 60))
    sheet.arrow((435, 90), (435, 112))
    sheet.arrow((310, 142), (370, 142))
    sheet.arrow((500, 142), (530, 142), (530, 60), (500, 60))
    sheet.text(538, 84, "next", size=14)
    sheet.text(538, 102, "epoch", size=14)
    sheet.box(370, 194, 130, 60, ("best epoch", "answers once"), "head")
    sheet.arrow((435, 172), (435, 194))
    sheet.arrow((310, 224), (370, 224))
    sheet.box(590, 194, 110, 60, ("one score", "of one seed"))
    sheet.arrow((500, 224), (590, 224))
    sheet.box(736, 194, 90, 60, ("mean", "± spread"))
    sheet.arrow((700, 224), (736, 224))
    sheet.text(645, 278, "again with other seeds", "middle", size=14)
    return sheet.svg()
