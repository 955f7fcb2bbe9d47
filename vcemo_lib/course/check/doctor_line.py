"""One line of the doctor."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A thing looked at: whether it is there, what was found, and what to do when it is not."""

    name: str
    ok: bool
    found: str
    cure: str = ""
    required: bool = False

    def text(self, width: int = 0) -> str:
        """The line as printed; the cure only where it is needed."""
        mark = "ok" if self.ok else "MISSING" if self.required else "no"
        advice = f" → {self.cure}" if not self.ok and self.cure else ""
        return f"{mark:<8}{self.name:<{width}}  {self.found}{advice}"
