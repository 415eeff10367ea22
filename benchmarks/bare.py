"""The smallest Textual application that shows a word: what a first paint costs at the least."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static

WORD = "READY"


class Bare(App[None]):
    """One word on the screen."""

    def compose(self) -> ComposeResult:
        """Show it."""
        yield Static(WORD)


if __name__ == "__main__":
    Bare().run()
