"""Where selling happens: one entry line for everything, the basket, and the total."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal

from pos_app.tui import catalogue, status_facts
from pos_app.tui.commands import bindings
from pos_app.tui.desk import Deed
from pos_app.tui.pace import moment
from pos_app.tui.place import WIDE, Place
from pos_app.tui.plain import percent
from pos_app.tui.screens import sale_stories
from pos_app.tui.screens.sale_entries import Entries
from pos_app.tui.widgets.basket import Basket
from pos_app.tui.widgets.entry_line import EntryLine
from pos_app.tui.widgets.sale_panel import SalePanel
from pos_app.tui.widgets.text import Text

SHORTCUTS = frozenset({"plus", "minus", "exclamation_mark"})
REMEMBERED = 5.0
"""Seconds for which the sentence of a refused scan outlives the good scans after it."""


class SaleScreen(Place):
    """The sale screen; mounted once, and never rebuilt while the till runs."""

    PLACE = "sale"
    HEADING = "Sale"
    SCANS = True
    CSS_PATH = "sale.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue.SALE)]

    def __init__(self) -> None:
        super().__init__()
        self.basket = Basket()
        self.panel = SalePanel()
        self.detail = Text(in_place=True, id="detail")
        self.prompt = Text(">", id="prompt")
        self.line = EntryLine(
            "Scan or type a code   3* three of the next   /name search   + pay",
            shortcuts=lambda: SHORTCUTS,
        )
        self.entries = Entries(self)
        self._refused_at = 0.0
        self._concern = ""
        self._greeted: tuple[str, date] | None = None

    def body(self) -> ComposeResult:
        """Basket and panel."""
        with Container(id="sale"):
            with Container(id="lines"):
                yield self.basket
                yield self.detail
            yield self.panel

    def entry(self) -> ComposeResult:
        """The entry line behind its prompt."""
        with Horizontal(id="entry"):
            yield self.prompt
            yield self.line

    @property
    def has_lines(self) -> bool:
        """Whether the sale has lines."""
        return self.till.desk.has_lines

    def resumed(self) -> None:
        """Name the scans that nobody took meanwhile."""
        self.paint()
        self._mind()
        self._greet()
        if any(kind.gateway for kind in self.till.shop.rules.tender_types):
            self.flows.look_up("money", self._money)
        refused = self.till.refused_scans
        if refused:
            names = ", ".join(refused[:4]) + (" …" if len(refused) > 4 else "")
            self.tell(f"Scanned meanwhile but not sold: {names}. Scan again.", kind="warning")
            refused.clear()

    def _greet(self) -> None:
        """Tell whoever signs in, once a day, what the server's pre-flight found."""
        actor = self.till.actor
        now = (actor.username, self.till.shop.today) if actor else None
        if now is not None and now != self._greeted:
            self._greeted = now
            self.flows.look_up("preflight", self._preflight)

    async def _preflight(self) -> None:
        from pos_app.services.preflight import told

        found = await self.till.lanes.ask(partial(told.told, self.till.shop))
        if found:
            self.tell(told.sentence(found), kind="warning")

    async def _money(self) -> None:
        """Name mobile money that came for a sale which is not here any more."""
        from pos_app.services.prompt import view

        sale = self.till.desk.sale
        ask = partial(view.for_sale, self.till.shop, sale.id if sale else "")
        came = [one for one in await self.till.lanes.ask(ask) if one.is_offered]
        if came and not self.notice.sentence:
            total = ", ".join(
                f"{one.amount.label} from {one.phone or one.provider}" for one in came
            )
            self.tell(f"Mobile money no sale has taken: {total}. The pay screen (F9) offers it.",
                      kind="warning")  # fmt: skip

    def _mind(self) -> None:
        """Say what somebody should see to: as long as there is no shift, or when it is new."""
        has_shift = self.till.background.snapshot().shift is not None
        concern = status_facts.concern(self.till) if has_shift else self._no_shift()
        is_new, self._concern, old = concern != self._concern, concern, self._concern
        if is_new and old and self.notice.sentence == old:
            self.notice.clear()
        if concern and not self.notice.sentence and (is_new or not has_shift):
            self.tell(concern, kind="warning")

    def _no_shift(self) -> str:
        keys = next((keys for keys, row in self.valid_keys() if row.id == "sale.shift"), "")
        return (
            f"No shift is open: press {keys.partition(' ')[0]} to open one before the first sale."
        )

    def show_status(self) -> None:
        """Bring the lamps up to date too."""
        super().show_status()
        self._mind()
        last = self.till.last
        self.panel.show_last(
            last.posted if last else None,
            last.lamps if last else None,
            is_wide=self.size.width >= WIDE,
            own_books=self.till.background.snapshot().own_books,
        )

    def paint(self, at: float | None = None) -> None:
        """Show the newest snapshot of the sale; ``at`` is the key that led to it."""
        sale, last = self.till.desk.sale, self.till.last
        self.till.show_customer()
        had_lines = bool(self.basket.lines)
        self.basket.show(sale.lines if sale else ())
        self.panel.show_sale(sale, last.posted if last else None, self.till.shop.rules.currency)
        self._explain()
        if had_lines != bool(self.basket.lines):
            self.show_keys()
        if at is not None:
            self.call_after_refresh(self.till.pace.painted, at)

    def _explain(self) -> None:
        line = self.basket.marked
        if line is None:
            self.detail.say("")
            return
        vat = "exempt from VAT" if line.tax.percent is None else f"VAT {percent(line.tax.percent)}"
        batch = f" · batch {line.batch}" if line.batch else ""
        name = f" · {line.item.name}" if self.basket.is_cut(line) else ""
        self.detail.say(f"{line.item.code} · {line.quote.explanation} · {vat}{batch}{name}")

    def refuse(self, error: BaseException) -> None:
        """Keep the sentence of a refused scan in sight for a while."""
        super().refuse(error)
        self._refused_at = moment()

    def _done(self, at: float | None = None) -> None:
        if self.notice.kind != "error" or moment() - self._refused_at > REMEMBERED:
            self.notice.clear()
        self.paint(at)

    def scanned(self, code: str, at: float) -> None:
        """Sell what was scanned."""
        self.entries.scanned(code, at)

    @on(EntryLine.Entered)
    def _entered(self, message: EntryLine.Entered) -> None:
        message.stop()
        self.entries.entered(message.text, message.at)

    async def do(self, deed: Deed, at: float | None = None) -> None:
        """Change the sale and show it."""
        await self.till.desk.do(deed)
        self._done(at)

    def action_back(self) -> None:
        """One step back; never a line of the sale."""
        if self.line.value:
            self.line.value = ""
        elif self.entries.take_quantity() is None and not self.notice.clear() and self.has_lines:
            self.tell(self._ways_out())

    def _ways_out(self) -> str:
        keys = {row.id: keys for keys, row in self.valid_keys()}
        ways = [f"{keys['sale.correct']} for the last line"]
        if "sale.cancel" in keys:
            ways.append(f"{keys['sale.cancel']} for the sale")
        return f"Esc never takes a line out: use {', '.join(ways)}."

    def action_previous(self) -> None:
        """Mark the line above."""
        self.basket.mark(-1)
        self._explain()

    def action_next(self) -> None:
        """Mark the line below."""
        self.basket.mark(1)
        self._explain()

    def action_search(self) -> None:
        """Open the search with what was typed."""
        typed, self.line.value = self.line.value, ""
        wanted = partial(
            sale_stories.search, self, typed.lstrip("/"), number=self.entries.take_quantity()
        )
        self.flows.open("search", wanted)

    def action_correct(self) -> None:
        """Take the last line out."""
        self.flows.also(partial(sale_stories.remove, self, None))

    def action_remove(self) -> None:
        """Take the marked line out."""
        marked = self.basket.marked
        if marked is not None:
            self.flows.also(partial(sale_stories.remove, self, marked.number))

    def action_repeat(self) -> None:
        """Sell the last item once more."""
        self.flows.also(partial(sale_stories.repeat, self, None))

    def action_customer(self) -> None:
        """Choose the customer."""
        self.flows.open("customer", partial(sale_stories.customer, self))

    def action_price_check(self) -> None:
        """Look at an item without selling it."""
        typed, self.line.value = self.line.value, ""
        self.flows.open("price check", partial(sale_stories.price_check, self, typed))

    def action_park(self) -> None:
        """Put the sale aside."""
        self.flows.open("park", partial(sale_stories.park, self))

    def action_recall(self) -> None:
        """Take up a parked sale."""
        self.flows.open("recall", partial(sale_stories.recall, self))

    def action_discount(self) -> None:
        """Give a discount."""
        self.flows.open("discount", partial(sale_stories.discount, self))

    def action_currency(self) -> None:
        """Sell in the other currency."""
        self.flows.run("currency", partial(sale_stories.currency, self))

    def action_cancel(self) -> None:
        """Give the sale up."""
        self.flows.open("cancel", partial(sale_stories.cancel, self))

    def action_total(self) -> None:
        """Total, ready for cash."""
        self.flows.open("tender", partial(sale_stories.pay, self, is_choosing=False))

    def action_tender(self) -> None:
        """Total, ready to choose a tender."""
        self.flows.open("tender", partial(sale_stories.pay, self, is_choosing=True))

    def action_receipts(self) -> None:
        """Look at receipts."""
        self.flows.open("receipts", partial(sale_stories.receipts, self))

    def action_no_sale(self) -> None:
        """Open the drawer without a sale."""
        self.flows.open("no sale", partial(sale_stories.no_sale, self))

    @property
    def has_label_printer(self) -> bool:
        """Whether this till can print labels."""
        return self.till.shop.rules.label is not None

    def action_labels(self) -> None:
        """Print labels."""
        self.flows.open("labels", partial(sale_stories.labels, self))

    def action_shift(self) -> None:
        """Open, read or close the shift."""
        self.flows.open("shift", partial(sale_stories.shift, self))
