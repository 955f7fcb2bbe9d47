"""Write every drawing anew."""

from pathlib import Path

from . import attention_units, fusions, protocol, queue, system

FOLDER = Path(__file__).parents[2] / "figures" / "drawings"


def drawings() -> dict[str, str]:
    """SVG by file name."""
    made = {f"system_{chapter}.svg": system.draw(chapter) for chapter in system.LIT}
    others = {module.__name__.rsplit(".", 1)[1]: module for module in (attention_units, fusions, protocol, queue)}
    return made | {f"{name}.svg": module.draw() for name, module in others.items()}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, svg in drawings().items():
        (FOLDER / name).write_text(svg, encoding="utf-8")
