"""The one line people type in."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.message import Message
from textual.widgets import Input

from pos_app.domain.plain import plain
from pos_app.tui.scanner import REPEAT

LONGEST = 200


class EntryLine(Input):
    """A line of text without a frame, which never holds anything a terminal could trip over.

    On an empty line the keys in ``shortcuts`` are not typed: they are left to the screen, once
    per press however long they are held.
    """

    DEFAULT_CSS = """
    EntryLine {
        height: 1;
        border: none;
        padding: 0 1;
        background: $panel;
        color: $foreground;
        &:focus { border: none; background: $panel; background-tint: $foreground 0%; }
        & > .input--placeholder { color: $text-muted; }
        & > .input--cursor { background: $input-cursor-background; color: $ink; text-style: none; }
    }
    """

    class Entered(Message):
        """Enter was pressed.

        Attributes:
            line: the line it was pressed on.
            text: what stood there; the line is empty again unless it was told to keep it.
            at: when the key was pressed, on the input thread's clock.
        """

        def __init__(self, line: EntryLine, text: str, at: float) -> None:
            super().__init__()
            self.line = line
            self.text = text
            self.at = at

        @property
        def control(self) -> EntryLine:
            """The line, so that handlers can be chosen by its id."""
            return self.line

    def __init__(
        self,
        placeholder: str = "",
        *,
        password: bool = False,
        keeps: bool = False,
        shortcuts: Callable[[], frozenset[str]] = frozenset,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(
            placeholder=placeholder,
            password=password,
            max_length=LONGEST,
            select_on_focus=False,
            compact=True,
            id=id,
        )
        self.cursor_blink = False
        self._keeps = keeps
        self._shortcuts = shortcuts
        self._last_key = ("", 0.0)

    def give_back(self, text: str) -> None:
        """Put back what could not be taken, selected: Enter tries it again, typing replaces it."""
        self.value = text
        self.select_all()

    def is_shortcut(self, key: str) -> bool:
        """Whether a key is left to the screen as things stand."""
        return not self.value and key in self._shortcuts()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Leave shortcuts to the screen while the line is empty."""
        if self.is_shortcut(key):
            return False
        return super().check_consume_key(key, character)

    def on_key(self, event: events.Key) -> None:
        """Let a shortcut pass to the screen, but only its first press while it is held down."""
        last, self._last_key = self._last_key, (event.key, event.time)
        if not self.is_shortcut(event.key):
            return
        event.prevent_default()
        if last[0] == event.key and event.time - last[1] < REPEAT:
            event.stop()

    def on_paste(self, event: events.Paste) -> None:
        """Take the first line of what was pasted, in plain characters."""
        event.prevent_default()
        event.stop()
        first = event.text.splitlines()[0] if event.text else ""
        self.insert_text_at_cursor(plain(first))

    async def action_submit(self) -> None:
        """Hand over what was typed."""
        text = self.value
        if not self._keeps:
            self.value = ""
        self.post_message(self.Entered(self, text, self._last_key[1]))
