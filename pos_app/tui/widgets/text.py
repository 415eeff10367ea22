"""Text on screen: always data, never markup."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from pos_app.domain.plain import plain

Part = str | tuple[str, str]
"""Text, or text with a style such as ``bold $text-muted``."""


def content(*parts: Part) -> Content:
    """Put parts together; anything a terminal could trip over is replaced."""
    return Content.assemble(
        *(plain_lines(part) if isinstance(part, str) else (plain_lines(part[0]), part[1])
          for part in parts)
    )  # fmt: skip


def plain_lines(text: str) -> str:
    """Return text in which only line ends are left of the control characters."""
    return "\n".join(plain(line) for line in text.split("\n"))


class Text(Static):
    """A piece of text that may come from anywhere.

    A text ``in_place`` has its size from the style sheet: another one is painted over it without
    laying the screen out again.
    """

    def __init__(
        self,
        *parts: Part,
        in_place: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(content(*parts), id=id, classes=classes, markup=False)
        self._parts = parts
        self._in_place = in_place

    def say(self, *parts: Part) -> None:
        """Show something else."""
        if parts != self._parts:
            self._parts = parts
            self.update(content(*parts), layout=not self._in_place)
