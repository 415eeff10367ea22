"""The one place where a screen says what happened and what to do."""

from __future__ import annotations

from pos_app.tui.widgets.text import Text

SIGNS = {"error": "! ", "warning": "! ", "good": "● ", "info": ""}


class Notice(Text):
    """One sentence; it stays until the next one or until somebody clears it.

    It keeps its two lines on screen whether it says something or not, so that nothing moves.
    """

    DEFAULT_CSS = """
    Notice {
        height: 2;
        padding: 0 1;
        color: $text-muted;
        background: $background;
        &.-error { color: $ink; background: $text-error; }
        &.-warning { color: $ink; background: $text-warning; }
        &.-good { color: $text-success; }
        &.-info { color: $foreground; }
    }
    """

    def __init__(self, *, is_in_place: bool = True) -> None:
        super().__init__(in_place=is_in_place)
        self.sentence = ""
        self.kind = ""

    def tell(self, sentence: str, *, kind: str = "info") -> None:
        """Say something.

        Args:
            sentence: what is wrong or done, and what to do.
            kind: ``error``, ``warning``, ``good`` or ``info``.
        """
        if self.kind != kind:
            for name in SIGNS:
                self.set_class(name == kind and bool(sentence), f"-{name}")
        self.sentence, self.kind = sentence, kind if sentence else ""
        self.say(f"{SIGNS[kind]}{sentence}" if sentence else "")

    def clear(self) -> bool:
        """Say nothing any more; False if there was nothing said."""
        was_said = bool(self.sentence)
        self.tell("", kind="info")
        return was_said
