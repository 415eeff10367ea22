"""A place where typing narrows a list and Enter chooses from it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from pos_app.tui.place import Place
from pos_app.tui.scanner import GS
from pos_app.tui.widgets.entry_line import EntryLine
from pos_app.tui.widgets.pages import Page, in_memory
from pos_app.tui.widgets.record_list import RecordList
from pos_app.tui.widgets.strips import Column
from pos_app.tui.widgets.text import Text

R = TypeVar("R")


class Finder(Place, Generic[R]):
    """Type, look, choose; dismissed with the row, or None. Mounted once and used again and again.

    Attributes:
        COLUMNS: what the list shows of a row.
        PROMPT: what stands before the entry.
        HINT: what the empty entry says.
    """

    COLUMNS: ClassVar[Sequence[Column[Any]]] = ()
    PROMPT: ClassVar[str] = "Search >"
    HINT: ClassVar[str] = ""
    NOTHING: ClassVar[str] = "Nothing found: try fewer letters or another word."

    def __init__(self) -> None:
        super().__init__()
        self.line = EntryLine(self.HINT, keeps=True)
        self.begin()

    def begin(self, text: str = "", rows: Sequence[R] = ()) -> None:
        """Start over with a text, or with choices that are known already.

        To be called before the place comes to the front.
        """
        with self.line.prevent(EntryLine.Changed):
            self.line.value = text
        self.line.cursor_position = len(text)
        self.notice.clear()
        self._rows = rows
        self._text: str | None = None
        self._wanted: str | None = None
        self._wants_first = False
        self._is_new = True

    HOLDS_KEYS = False

    def scanned(self, code: str, at: float) -> None:
        """Undo what the scan typed, and refuse it."""
        typed = code.replace(GS, "")
        with self.line.prevent(EntryLine.Changed):
            self.line.value = self.line.value.removesuffix(typed)
        self._look(self.line.value)
        super().scanned(code, at)

    def find(self, text: str) -> list[R]:
        """Look up what fits a text; runs on the query lane."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        """The list."""
        self.list: RecordList[R] = RecordList(self.COLUMNS, self.till.lanes.ask, empty=self.NOTHING)
        self.list.can_focus = False
        yield self.list

    def entry(self) -> ComposeResult:
        """The entry behind its prompt."""
        with Horizontal(id="entry"):
            yield Text((self.PROMPT, "bold $primary"), id="prompt")
            yield self.line

    def resumed(self) -> None:
        """Show the choices that were given, or what fits the text."""
        if not self._is_new:
            return
        self._is_new = False
        self.line.focus()
        if self._rows:
            self._show(self.line.value, self._rows)
        else:
            self._look(self.line.value)

    @on(EntryLine.Changed)
    def _typed(self, message: EntryLine.Changed) -> None:
        message.stop()
        text = self.line.value
        if text.strip() != self._wanted and not (self._rows and not text):
            self.notice.clear()
            self._look(text)

    def _look(self, text: str) -> None:
        self._wanted = text.strip()
        self.flows.look_up("find", partial(self._find, self._wanted))

    async def _find(self, text: str) -> None:
        if text == self._text:
            return
        rows = await self.till.lanes.ask(partial(self.find, text))
        self._show(text, rows)
        if self._wants_first:
            self._wants_first = False
            self.action_choose()

    def _show(self, text: str, rows: Sequence[R]) -> None:
        self._text = text
        self.list.empty = self.NOTHING if text else ""
        self.list.show(in_memory(rows), first=Page(tuple(rows)))

    @on(EntryLine.Entered)
    def _entered(self, message: EntryLine.Entered) -> None:
        message.stop()
        self.action_choose()

    @on(RecordList.ReadFailed)
    def _failed(self, message: RecordList.ReadFailed) -> None:
        message.stop()
        self.refuse(message.error)

    def action_choose(self) -> None:
        """Choose the marked row; before the list has caught up with the entry, wait for it."""
        if self._text != self.line.value.strip() and not self._rows:
            self._wants_first = True
        elif self.list.row is None:
            self.app.bell()
            self.tell(self.NOTHING, kind="error")
        else:
            self.chosen(self.list.row)

    def chosen(self, row: R) -> None:
        """Answer with a row."""
        self.dismiss(row)

    def action_previous(self) -> None:
        """Mark the row above."""
        self.list.action_move(-1)

    def action_next(self) -> None:
        """Mark the row below."""
        self.list.action_move(1)

    def action_back(self) -> None:
        """Empty the entry first, then go back."""
        if self.line.value:
            self.line.value = ""
        else:
            self.dismiss(None)
