"""Cut the font of the figures, assets/fonts, out of Noto Sans CJK: one weight, the common simplified characters.

    python tools/make_font.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

The source is Debian's package fonts-noto-cjk. Kept are the 3,755 characters of GB 2312's first level, those that the
bundled sentence encoder knows, and Chinese punctuation; Latin letters come from matplotlib's own font.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "assets" / "fonts" / "NotoSansCJKsc-common.otf"
VOCABULARY = ROOT / "assets" / "bert_mini_zh" / "vocab.txt"
FACE = "Noto Sans CJK SC"
PUNCTUATION = "，。！？；：、“”‘’（）《》…—·～"


def characters() -> set[str]:
    """Every character that the font will draw."""
    first_level = bytes(b for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for b in (row, cell))
    known = VOCABULARY.read_text(encoding="utf-8").split()
    chinese = {word for word in known if len(word) == 1 and "\u4e00" <= word <= "\u9fff"}
    return chinese | set(first_level.decode("gb2312", errors="ignore")) | set(PUNCTUATION)


def face(collection: Path) -> TTFont:
    """The simplified Chinese face of a font collection."""
    fonts = [font for font in TTCollection(collection).fonts if font["name"].getDebugName(4) == FACE]
    if not fonts:
        raise SystemExit(f"{collection.name} holds no face named {FACE!r}: give NotoSansCJK-Regular.ttc")
    return fonts[0]


def cut(font: TTFont, kept: set[str]) -> TTFont:
    """The font with these characters only, without what a still picture does not use."""
    options = subset.Options(
        layout_features=[], hinting=False, desubroutinize=True, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14]
    )
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GSUB", "GPOS"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(kept)))
    subsetter.subset(font)
    font.recalcTimestamp = False
    return font


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    cut(face(Path(sys.argv[1])), characters()).save(TARGET)
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1e6:.2f} MB")
