"""Widgets that paint their own lines, with styles worked out once."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.widget import Widget


class Painted(Widget):
    """Remembers its styles until the theme or its classes change.

    Attributes:
        FAMILY: what the names of its component classes begin with.
    """

    FAMILY: ClassVar[str] = ""

    def notify_style_update(self) -> None:
        """Forget styles that may be others now."""
        super().notify_style_update()
        self.__dict__.pop("_painted_styles", None)

    @property
    def base(self) -> Style:
        """The widget's own style."""
        return self.style("")

    def style(self, name: str) -> Style:
        """Return a component's style on the widget's own; an empty name is that alone."""
        styles: dict[str, Style] = self.__dict__.setdefault("_painted_styles", {})
        found = styles.get(name)
        if found is None:
            found = self.rich_style + self.tint(name) if name else self.rich_style
            styles[name] = found
        return found

    def tint(self, name: str) -> Style:
        """Return what a component changes of whatever style it is put upon."""
        return self.get_component_rich_style(f"{self.FAMILY}--{name}", partial=True)

    def block(self, name: str) -> Style:
        """Return a component's style on its own background."""
        return self.get_component_rich_style(f"{self.FAMILY}--{name}")
