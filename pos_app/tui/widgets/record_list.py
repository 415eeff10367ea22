"""A list of any length of which only the rows on screen are ever asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.worker import Worker

from pos_app.tui.flows import Task
from pos_app.tui.widgets.pages import PAGE, Page, Pages, Source, in_memory
from pos_app.tui.widgets.painted import Painted
from pos_app.tui.widgets.strips import Column, cells, heading, line

R = TypeVar("R")

Asker = Callable[[Callable[[], Page[Any]]], Awaitable[Page[Any]]]
"""The query lane."""


class RecordList(Painted, Generic[R], can_focus=True):
    """Rows of a source read with keyset paging and painted line by line.

    How long the source is need not be known: the list grows as it is scrolled. It scrolls on its
    own, so that growing lays nothing out anew.
    """

    FAMILY = "list"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--head", "list--cursor", "list--muted", "list--good", "list--warning", "list--bad",
        "list--strong", "list--thumb",
    }  # fmt: skip
    DEFAULT_CSS = """
    RecordList {
        background: $background;
        color: $foreground;
        width: 1fr;
        height: 1fr;
        & > .list--head { color: $text-muted; background: $surface; }
        & > .list--cursor { background: $block-cursor-background; color: $foreground; }
        & > .list--muted { color: $text-muted; }
        & > .list--good { color: $text-success; }
        & > .list--warning { color: $text-warning; }
        & > .list--bad { color: $text-error; text-style: bold; }
        & > .list--strong { text-style: bold; }
        & > .list--thumb { color: $primary; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
        Binding("enter", "choose", show=False),
    ]

    class Chosen(Message):
        """A row was chosen with Enter."""

        def __init__(self, row: Any) -> None:
            super().__init__()
            self.row = row

    class Marked(Message):
        """Another row is marked; ``row`` is None when there is none or it is not read yet."""

        def __init__(self, row: Any) -> None:
            super().__init__()
            self.row = row

    class ReadFailed(Message):
        """A page could not be read; what was read before stays on screen."""

        def __init__(self, error: Exception) -> None:
            super().__init__()
            self.error = error

    def __init__(
        self,
        columns: Sequence[Column[R]],
        ask: Asker,
        *,
        empty: str = "Nothing here.",
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._ask = ask
        self.empty = empty
        self.cursor = 0
        self.top = 0
        self.pages: Pages[R] = Pages(in_memory(()))
        self._reading: set[int] = set()
        self._wants_end = False
        self._painted: dict[tuple[int, int, bool], Strip] = {}

    def show(self, source: Source[R], *, first: Page[R] | None = None) -> None:
        """List another source from its beginning; ``first`` saves reading the first page again."""
        self.pages = Pages(source)
        self._reading.clear()
        self._wants_end = False
        self.cursor = 0
        self.top = 0
        if first is not None:
            self._take(0, first)
        else:
            self._read(0)
        self._repaint()

    @property
    def row(self) -> R | None:
        """The marked row, None when there is none or it is not read yet."""
        return self._row(self.cursor)

    def replace(self, old: R, new: R) -> None:
        """Show a row as it is now, wherever it stands."""
        if self.pages.replace(old, new):
            self._painted.clear()
            self.refresh()

    def _row(self, index: int) -> R | None:
        row = self.pages.row(index)
        if row is None and self.pages.is_missing(index):
            self._read(index // PAGE)
        return row

    def _read(self, page: int) -> None:
        if page not in self._reading:
            self._reading.add(page)
            fill: Task = partial(self._fill, page, self.pages)
            _: Worker[None] = self.run_worker(fill, group="pages", exit_on_error=False)

    async def _fill(self, page: int, pages: Pages[R]) -> None:
        try:
            found = await self._ask(pages.reading(page))
        except Exception as error:  # noqa: BLE001 - handed to the screen, which logs and says it
            if pages is self.pages:
                self._reading.discard(page)
                self.post_message(self.ReadFailed(error))
            return
        if pages is self.pages:
            self._reading.discard(page)
            self._take(page, found)

    def _take(self, page: int, found: Page[R]) -> None:
        self.pages.take(page, found)
        self._repaint()
        if self._wants_end:
            self._continue_to_end()
        if page == self.cursor // PAGE:
            self.post_message(self.Marked(self.row))

    def action_move(self, step: int) -> None:
        """Mark the row above or below."""
        self._mark(self.cursor + step)

    def action_page(self, step: int) -> None:
        """Go one screenful up or down."""
        self._mark(self.cursor + step * max(self._visible_rows - 1, 1))

    def action_first(self) -> None:
        """Go to the first row."""
        self._mark(0)

    def action_last(self) -> None:
        """Go to the last row, reading on until it is known."""
        self._wants_end = True
        self._continue_to_end()

    def action_choose(self) -> None:
        """Choose the marked row."""
        row = self.row
        if row is not None:
            self.post_message(self.Chosen(row))

    def _continue_to_end(self) -> None:
        if not self.pages.is_whole:
            self._read(self.pages.last)
            return
        self._wants_end = False
        self._mark(self.pages.known - 1)

    def _mark(self, index: int) -> None:
        index = max(min(index, self.pages.known - 1), 0)
        if index != self.cursor:
            before, self.cursor = self.cursor, index
            self._refresh_row(before)
            self._refresh_row(index)
            self.post_message(self.Marked(self.row))
        self._keep_visible(index)
        if not self.pages.is_whole and index > self.pages.known - PAGE // 2:
            self._read(self.pages.last)

    @property
    def _visible_rows(self) -> int:
        return max(self.size.height - 1, 1)

    def _keep_visible(self, index: int) -> None:
        rows, old = self._visible_rows, self.top
        self.top = max(min(self.top, index), index - rows + 1)
        if self.top != old:
            self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Paint anew for another size."""
        del event
        self._repaint()
        self._keep_visible(self.cursor)

    def notify_style_update(self) -> None:
        """Paint anew for another theme."""
        super().notify_style_update()
        self._painted.clear()

    def _repaint(self) -> None:
        self._painted.clear()
        self.refresh()

    def _refresh_row(self, index: int) -> None:
        if self.top <= index < self.top + self._visible_rows:
            self.refresh(Region(0, index - self.top + 1, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Paint one line: the heading on top, rows below it, the thumb at the right."""
        width = self.size.width - 1
        if y == 0:
            base = self.block("head")
            head = heading(self._columns, total=width, base=base)
            return head.adjust_cell_length(width + 1, base)
        index = y - 1 + self.top
        if index >= self.pages.known:
            return line(self._below(index), width + 1, self.style("muted"))
        key = (index, width, index == self.cursor)
        strip = self._painted.get(key)
        return Strip([*(self._paint(key) if strip is None else strip), self._thumb(y - 1)])

    def _thumb(self, y: int) -> Segment:
        rows, known = self._visible_rows, self.pages.known
        if known <= rows:
            return Segment(" ", self.base)
        first, last = self.top * rows // known, (self.top + rows) * rows // known
        is_thumb = first <= y <= min(last, rows - 1)
        return Segment("┃" if is_thumb else "│", self.style("thumb" if is_thumb else "muted"))

    def _paint(self, key: tuple[int, int, bool]) -> Strip:
        index, width, is_marked = key
        base = self.block("cursor") if is_marked else self.base
        row = self._row(index)
        if row is None:
            return Strip.blank(width, base)
        if len(self._painted) > PAGE * 2:
            self._painted.clear()
        strip = cells(self._columns, row, total=width, base=base, styles=self.tint)
        self._painted[key] = strip
        return strip

    def _below(self, index: int) -> str:
        if index > self.pages.known:
            return ""
        if not self.pages.is_whole:
            return " reading …"
        return "" if self.pages.known else f" {self.empty}"
