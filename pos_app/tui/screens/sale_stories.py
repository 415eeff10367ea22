"""What is done to a sale from its screen, each deed told from the question to the answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from pos_app.domain.item import BarcodeAmbiguous
from pos_app.domain.limit import Approval
from pos_app.domain.partner import Partner
from pos_app.domain.permission import Actor
from pos_app.domain.sale import Sale, SaleEmpty
from pos_app.errors import InvalidInput, PosError
from pos_app.services import basket, hold, hold_paper, item
from pos_app.services.hold import Held
from pos_app.services.item import Found
from pos_app.services.preflight import sale as preflight
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.tui.approving import with_approval
from pos_app.tui.desk import Deed, SaleInProgress
from pos_app.tui.place import Place
from pos_app.tui.plain import count_of, percent, quantity, remaining
from pos_app.tui.widgets.dialog import Ask

if TYPE_CHECKING:
    from pos_app.tui.app import TillApp
    from pos_app.tui.screens.sale import SaleScreen

P = TypeVar("P", bound=Place)

LONGEST_NOTE = 100
PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)\s*%?", re.ASCII)


async def sell(
    screen: SaleScreen, code: str, *, number: Decimal | None = None, at: float | None = None
) -> None:
    """Sell a code; when it belongs to several items, the cashier chooses."""

    def deed(shop: Shop, actor: Actor, sale: Sale) -> Sale:
        return basket.add(shop, actor, sale, code, quantity=number)

    try:
        await screen.do(deed, at)
    except BarcodeAmbiguous as error:
        screen.app.bell()
        screen.flows.open("choose", partial(_choose, screen, error, number=number))


async def _choose(screen: SaleScreen, error: BarcodeAmbiguous, *, number: Decimal | None) -> None:
    till = screen.till
    codes = [str(code) for code in _list(error.details["items"])]
    sale = till.desk.sale
    partner = sale.partner if sale else None
    currency = sale.currency if sale else till.shop.rules.currency

    def look() -> list[Found]:
        return [item.by_code(till.shop, code, partner=partner, currency=currency) for code in codes]

    await _pick(screen, "", choices=await till.lanes.ask(look), number=number)


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


async def search(screen: SaleScreen, text: str, *, number: Decimal | None) -> None:
    """Find an item by its name and sell it."""
    await _pick(screen, text, choices=[], number=number)


async def _pick(
    screen: SaleScreen, text: str, *, choices: list[Found], number: Decimal | None
) -> None:
    from pos_app.tui.screens.search import SearchScreen

    place = _kept(screen.till, "search", SearchScreen)
    place.begin(text, choices)
    found = await screen.app.push_screen_wait(place)
    if found is None:
        return

    def deed(shop: Shop, actor: Actor, sale: Sale) -> Sale:
        return basket.add_found(shop, actor, sale, found, quantity=number)

    await screen.do(deed)


async def repeat(screen: SaleScreen, number: Decimal | None) -> None:
    """Sell the last item again, as often as before or as often as said."""

    def deed(shop: Shop, actor: Actor, sale: Sale) -> Sale:
        last = sale.last_line
        if last is None:
            raise SaleEmpty
        if number is None:
            return basket.repeat_last(shop, actor, sale)
        found = item.by_code(shop, last.item.code, partner=sale.partner, currency=sale.currency)
        return basket.add_found(shop, actor, sale, found, quantity=number)

    await screen.do(deed)


async def set_quantity(screen: SaleScreen, number: Decimal) -> None:
    """Make the marked line so many."""
    marked = screen.basket.marked
    if marked is None:
        raise SaleEmpty
    line = marked.number

    def deed(shop: Shop, actor: Actor, sale: Sale) -> Sale:
        return basket.set_quantity(shop, actor, sale, line, number)

    await screen.do(deed)


async def remove(screen: SaleScreen, number: int | None) -> None:
    """Take out a line, or the last one, and say which it was."""
    gone: list[str] = []

    def deed(shop: Shop, actor: Actor, sale: Sale) -> Sale:
        last = sale.last_line
        if last is None:
            raise SaleEmpty
        line = last if number is None else sale.line(number)
        changed = basket.void_line(shop, actor, sale, line.number)
        gone.append(f"{quantity(line.quantity)} x {line.item.name}")
        return changed

    await screen.do(deed)
    screen.tell(f"Taken out: {gone[0]}.")


async def discount(screen: SaleScreen) -> None:
    """Give a discount on the marked line, or on the whole sale."""
    from pos_app.tui.screens.discount import DiscountDialog

    marked = screen.basket.marked
    if marked is None:
        raise SaleEmpty
    keys = next(c for c in screen.commands if c.id == "sale.discount").keys_in(screen.till.keymap)
    asked = await screen.app.push_screen_wait(DiscountDialog(marked, keys, read_percent))
    if asked is None:
        return
    wanted, is_whole_sale = asked
    line = None if is_whole_sale else marked.number

    async def attempt(approvals: tuple[Approval, ...]) -> Sale:
        return await screen.till.desk.do(
            lambda shop, actor, sale: basket.discount(
                shop, actor, sale, line, wanted, approvals=approvals
            )
        )

    if await with_approval(screen, attempt, sale_id=_sale_id(screen)) is not None:
        screen.paint()
        what = "the sale" if is_whole_sale else marked.item.name
        screen.tell(f"{percent(wanted)} off {what}.", kind="good")


def read_percent(text: str) -> Decimal:
    """Read a percentage as people type it: ``5``, ``12.5``, ``5%``.

    Raises:
        InvalidInput: it is not a plain number from 0 to 100.
    """
    match = PERCENT.fullmatch(text)
    if match is None or Decimal(match[1]) > 100:
        raise InvalidInput("A discount is a number from 0 to 100: type it like 5 or 12.5.")
    return Decimal(match[1])


async def customer(screen: SaleScreen) -> None:
    """Choose the customer; the prices become theirs."""
    from pos_app.tui.screens.customer import CustomerScreen

    place = _kept(screen.till, "customer", CustomerScreen)
    place.begin()
    chosen: Partner | None = await screen.app.push_screen_wait(place)
    if chosen is None:
        return

    def deed(shop: Shop, actor: Actor, sale: Sale) -> Sale:
        return basket.set_partner(shop, actor, sale, chosen)

    await screen.do(deed)
    screen.tell(f"Customer: {chosen.name}.", kind="good")


async def price_check(screen: SaleScreen, text: str) -> None:
    """Look at an item, and sell it if asked to."""
    from pos_app.tui.screens.price_check import PriceCheckScreen

    code = await screen.app.push_screen_wait(PriceCheckScreen(text))
    if code is not None:
        await sell(screen, code)


async def park(screen: SaleScreen) -> None:
    """Put the sale aside, with its goods reserved."""
    note = await screen.app.push_screen_wait(
        Ask("Park the sale", "A word to find it again, or nothing", read=_note)
    )
    if note is None:
        return
    held = await screen.till.desk.leave(
        "park", lambda shop, actor, sale: hold.hold(shop, actor, sale, note=note)
    )
    screen.paint()
    if not await _slip(screen, held):
        screen.tell("Parked, but its slip could not be printed: F6 shows it.", kind="warning")
        return
    if held.reserved_until is None:
        screen.tell("Parked, but its goods could not be reserved: others may sell them.",
                    kind="warning")  # fmt: skip
        return
    left = remaining(held.reserved_until, screen.till.shop.clock.now())
    screen.tell(f"Parked; its goods stay reserved for {left}.", kind="good")


async def _slip(screen: SaleScreen, held: Held) -> bool:
    """Print the slip that takes the sale up again; the sale is parked whatever comes of it."""
    till = screen.till
    actor = till.desk.require_actor()
    try:
        await till.lanes.perform("slip", lambda: hold_paper.print_slip(till.shop, actor, held))
    except PosError:
        return False
    till.background.wake()
    return True


def _note(text: str) -> str:
    if len(text) > LONGEST_NOTE:
        raise InvalidInput(f"A note has at most {LONGEST_NOTE} characters: make it shorter.")
    return text


async def recall(screen: SaleScreen) -> None:
    """Take up a parked sale."""
    from pos_app.tui.screens.held import HeldScreen

    desk = screen.till.desk
    if desk.sale is not None and desk.has_lines:
        raise SaleInProgress(len(desk.sale.lines))
    held = await screen.app.push_screen_wait(HeldScreen())
    if held is None:
        return
    await _take_up(screen, held)


async def recall_scanned(screen: SaleScreen, code: str) -> None:
    """Take up the parked sale whose slip was scanned."""
    desk, shop = screen.till.desk, screen.till.shop
    if desk.sale is not None and desk.has_lines:
        raise SaleInProgress(len(desk.sale.lines))
    await _take_up(screen, await screen.till.lanes.ask(lambda: hold_paper.by_code(shop, code)))


async def _take_up(screen: SaleScreen, held: Held) -> None:
    desk = screen.till.desk
    sale = await desk.take_up(lambda shop, actor: hold.recall(shop, actor, held.id))
    screen.paint()
    screen.tell(f"Recalled {count_of(len(sale.lines), 'line')}.", kind="good")


async def currency(screen: SaleScreen) -> None:
    """Make the sale in the shop's next currency, at that currency's own prices."""
    till = screen.till
    codes = [row.code for row in till.shop.rules.currencies.currencies]
    now = till.desk.sale.currency if till.desk.sale else till.shop.rules.currency
    wanted = codes[(codes.index(now) + 1) % len(codes)]

    def deed(shop: Shop, actor: Actor, sale: Sale) -> Sale:
        return basket.set_currency(shop, actor, sale, wanted)

    await screen.do(deed)
    screen.tell(f"This sale is in {wanted} now.", kind="good")


async def cancel(screen: SaleScreen) -> None:
    """Give the whole sale up; the reason stays in the audit."""
    reason = await screen.app.push_screen_wait(
        Ask("Cancel the whole sale", "Why?", read=_reason, is_grave=True)
    )
    if reason is None:
        return

    async def attempt(approvals: tuple[Approval, ...]) -> Sale:
        deed: Deed = partial(_cancel, reason, approvals)
        return await screen.till.desk.do(deed)

    if await with_approval(screen, attempt, sale_id=_sale_id(screen)) is not None:
        screen.paint()
        screen.tell("The sale was cancelled; nothing was sold.")


def _cancel(
    reason: str, approvals: tuple[Approval, ...], shop: Shop, actor: Actor, sale: Sale
) -> Sale:
    return basket.cancel(shop, actor, sale, reason=reason, approvals=approvals)


def _reason(text: str) -> str:
    if not text:
        raise InvalidInput("A reason is needed: type why the sale is given up.")
    return _note(text)


def _sale_id(screen: SaleScreen) -> str:
    sale = screen.till.desk.sale
    return sale.id if sale else ""


async def pay(screen: SaleScreen, *, is_choosing: bool) -> None:
    """Take the tenders; the sale is posted there, and the next one can be scanned at once."""
    from pos_app.tui.screens.tender import TenderScreen

    till = screen.till
    sale = await till.desk.settled()
    await till.lanes.ask(partial(preflight.check, till.shop, sale))
    place = _kept(till, "tender", lambda: TenderScreen(till.shop, sale))
    place.begin(sale, is_choosing=is_choosing)
    answer = await till.push_screen_wait(place)
    screen.paint()
    if isinstance(answer, Posted):
        screen.notice.clear()
        for code, at in till.late_scans:
            screen.entries.scanned(code, at)
        till.late_scans.clear()
    elif isinstance(answer, str):
        await sell(screen, answer)


def _kept(till: TillApp, name: str, make: Callable[[], P]) -> P:
    """Return a place that stays mounted between its uses: showing it again is quick."""
    if not till.is_screen_installed(name):
        till.install_screen(make(), name)
    return cast("P", till.get_screen(name))


async def receipts(screen: SaleScreen) -> None:
    """Look at receipts."""
    from pos_app.tui.screens.receipts import ReceiptsScreen

    await screen.app.push_screen_wait(ReceiptsScreen())


async def no_sale(screen: SaleScreen) -> None:
    """Open the drawer without a sale."""
    from pos_app.tui import drawer

    await drawer.no_sale(screen)


async def labels(screen: SaleScreen) -> None:
    """Print labels of goods whose price has changed."""
    from pos_app.tui.screens.labels import LabelsScreen

    await screen.app.push_screen_wait(LabelsScreen())


async def shift(screen: SaleScreen) -> None:
    """Open, read or close the shift."""
    from pos_app.tui.screens.shift import ShiftScreen

    await screen.app.push_screen_wait(ShiftScreen())
