"""The lines of the sale: a scan repaints the rows it changed and nothing else."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip

from pos_app.domain.plain import plain
from pos_app.domain.sale import SaleLine
from pos_app.tui.plain import amount, percent, price, quantity
from pos_app.tui.widgets.painted import Painted
from pos_app.tui.widgets.strips import Column, cells, heading, line, widths

INVITATION = (
    "Scan the first item",
    "",
    "or type its code · 3* before it for three · /name to search",
)


def _quantity(row: SaleLine) -> str:
    text = quantity(row.quantity)
    return f"{text} {row.item.uom}" if row.item.decimals else text


def _discount(row: SaleLine) -> str:
    return f"-{percent(row.discount_percent)}" if row.discount_percent else ""


def _price_style(row: SaleLine) -> str:
    return "" if row.quote.rule == "list" else "special"


NUMBER: Column[SaleLine] = Column(
    "#", 3, lambda row: row.number, align="right", style=lambda _: "muted"
)
NAME: Column[SaleLine] = Column("Item", 0, lambda row: row.item.name)
BATCH: Column[SaleLine] = Column(
    "Batch", 10, lambda row: row.batch, style=lambda _: "muted", least=70
)
QUANTITY: Column[SaleLine] = Column("Quantity", 9, _quantity, align="right")
PRICE: Column[SaleLine] = Column(
    "Price", 9, lambda row: price(row.quote.unit_price), align="right", style=_price_style
)
DISCOUNT: Column[SaleLine] = Column("Disc.", 7, _discount, align="right", style=lambda _: "special")
AMOUNT: Column[SaleLine] = Column(
    "Amount", 11, lambda row: amount(row.amount), align="right", style=lambda _: "strong"
)


def columns_of(lines: tuple[SaleLine, ...]) -> tuple[Column[SaleLine], ...]:
    """Return the columns a sale needs: batch and discount only where a line has one."""
    batch = (BATCH,) if any(row.batch for row in lines) else ()
    discount = (DISCOUNT,) if any(row.discount_percent for row in lines) else ()
    return (NUMBER, NAME, *batch, QUANTITY, PRICE, *discount, AMOUNT)


class Basket(Painted):
    """The lines of one sale, the newest at the bottom; one of them is marked.

    It scrolls by half its height and on its own, so that most scans paint two rows and none
    moves the layout of the screen.
    """

    FAMILY = "basket"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "basket--head", "basket--cursor", "basket--muted", "basket--special", "basket--strong",
        "basket--thumb",
    }  # fmt: skip
    DEFAULT_CSS = """
    Basket {
        background: $background;
        color: $foreground;
        & > .basket--head { color: $text-muted; background: $surface; }
        & > .basket--cursor { background: $block-cursor-background; color: $foreground; }
        & > .basket--muted { color: $text-muted; }
        & > .basket--special { color: $text-warning; }
        & > .basket--strong { text-style: bold; }
        & > .basket--thumb { color: $primary; }
    }
    """

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.lines: tuple[SaleLine, ...] = ()
        self.cursor = 0
        self.top = 0
        self._columns = columns_of(())
        self._rows: dict[tuple[int, bool], tuple[SaleLine, Strip]] = {}

    def is_cut(self, row: SaleLine) -> bool:
        """Whether the column is too narrow for a line's name."""
        room = dict(zip(self._columns, widths(self._columns, self.size.width), strict=True))[NAME]
        return cell_len(plain(row.item.name)) > room

    @property
    def marked(self) -> SaleLine | None:
        """The marked line; the newest one unless somebody moved the mark."""
        return self.lines[self.cursor] if self.lines else None

    def show(self, lines: tuple[SaleLine, ...]) -> None:
        """Paint what is different in a new snapshot of the sale, and mark what changed last."""
        before, was = self.lines, self._view()
        self.lines = lines
        is_other_shape = self._choose_columns()
        changed = [at for at, row in enumerate(lines) if at >= len(before) or before[at] is not row]
        if len(lines) >= len(before) and changed:
            self.cursor = changed[-1]
        self.cursor = max(min(self.cursor, len(lines) - 1), 0)
        self._scroll_to_cursor()
        if before and lines and not is_other_shape:
            self._refresh_rows({*changed, *range(len(lines), len(before))}, was)
        else:
            self.refresh()

    def _choose_columns(self) -> bool:
        columns = columns_of(self.lines)
        if columns == self._columns:
            return False
        self._columns = columns
        self._rows.clear()
        return True

    def mark(self, step: int) -> None:
        """Mark the line above or below."""
        was = self._view()
        self.cursor = max(min(self.cursor + step, len(self.lines) - 1), 0)
        self._scroll_to_cursor()
        self._refresh_rows(set(), was)

    @property
    def _height(self) -> int:
        return max(self.size.height - 1, 1)

    def _view(self) -> tuple[int, int, range]:
        return self.top, self.cursor, self._thumb_rows()

    def _thumb_rows(self) -> range:
        """The rows of the view beside which the thumb stands; none when all lines are in sight."""
        height, count = self._height, len(self.lines)
        if count <= height:
            return range(0)
        first, last = self.top * height // count, (self.top + height) * height // count
        return range(first, min(last, height - 1) + 1)

    def _scroll_to_cursor(self) -> None:
        height, half = self._height, max(self._height // 2, 1)
        if self.cursor >= self.top + height:
            self.top = self.cursor - height + half
        elif self.cursor < self.top:
            self.top = max(self.cursor - half + 1, 0)
        if self.top and len(self.lines) <= height:
            self.top = 0

    def _refresh_rows(self, rows: set[int], was: tuple[int, int, range]) -> None:
        top, cursor, thumb = was
        now = self._thumb_rows()
        if top != self.top or bool(thumb) != bool(now):
            self.refresh()
            return
        wanted = rows | {at + top for at in set(thumb) ^ set(now)}
        if cursor != self.cursor:
            wanted |= {cursor, self.cursor}
        regions = [
            Region(0, row - top + 1, self.size.width, 1)
            for row in wanted
            if top <= row < top + self._height
        ]
        if regions:
            self.refresh(*regions)

    def notify_style_update(self) -> None:
        """Paint rows anew in another theme."""
        super().notify_style_update()
        self._rows.clear()

    def on_resize(self, event: events.Resize) -> None:
        """Keep the marked line in sight."""
        del event
        self.top = 0
        self._scroll_to_cursor()

    def render_line(self, y: int) -> Strip:
        """Paint the heading, a line of the sale, or the invitation of an empty one."""
        width = self.size.width
        if y == 0:
            base = self.block("head")
            return heading(self._columns, total=width - 1, base=base).adjust_cell_length(
                width, base
            )
        if not self.lines:
            return self._invitation(y, width)
        index = y - 1 + self.top
        if index >= len(self.lines):
            return Strip.blank(width, self.base)
        thumb = self._thumb_rows()
        segment = Segment(" ", self.base)
        if thumb:
            is_thumb = y - 1 in thumb
            segment = Segment(
                "┃" if is_thumb else "│", self.style("thumb" if is_thumb else "muted")
            )
        return Strip([*self._row(index, width - 1), segment], width)

    def _row(self, index: int, width: int) -> Strip:
        row, is_marked = self.lines[index], index == self.cursor
        known = self._rows.get((index, is_marked))
        if known is not None and known[0] is row and known[1].cell_length == width:
            return known[1]
        base = self.block("cursor") if is_marked else self.base
        strip = cells(self._columns, row, total=width, base=base, styles=self.tint)
        self._rows[index, is_marked] = (row, strip)
        return strip

    def _invitation(self, y: int, width: int) -> Strip:
        at = y - max((self._height - len(INVITATION)) // 2, 1)
        if not 0 <= at < len(INVITATION):
            return Strip.blank(width, self.base)
        style = self.style("strong" if at == 0 else "muted")
        return line(INVITATION[at].center(width), width, style)
