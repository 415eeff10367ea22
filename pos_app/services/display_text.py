"""What the customer's display says of a sale, and how the display is."""

from __future__ import annotations

from collections.abc import Sequence

from pos_app.domain.money import Money
from pos_app.domain.sale import Sale
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.store import setting
from printing.amount import plain_number, price
from printing.display import DisplayText, spread

STATE = "display.problem"


def greeting(shop: Shop) -> DisplayText:
    """Nobody is being served."""
    rules = shop.rules.display
    if rules is None or not any(rules.greeting):
        return DisplayText(shop.rules.seller.name.center(20).rstrip(), "")
    first, second = (*rules.greeting, "", "")[:2]
    return DisplayText(first.center(20).rstrip(), second.center(20).rstrip())


def of_sale(shop: Shop, sale: Sale) -> DisplayText:
    """The line that came last, and the running total."""
    line, words = sale.last_line, shop.rules.paper.words
    total = spread(words.total, sale.total.label)
    if line is None:
        return DisplayText("", total)
    many = f"{plain_number(line.quantity)}x{price(line.quote.unit_price)}"
    return DisplayText(f"{many} {line.item.name}", total)


def of_tender(shop: Shop, sale: Sale, due: Sequence[Money], *, is_begun: bool) -> DisplayText:
    """The total, and what is still to pay; in the other currency, too, before anything is taken."""
    words = shop.rules.paper.words
    other = due[-1] if due else sale.total
    first = spread(words.total, sale.total.label)
    if not is_begun:
        return DisplayText(first, spread("", other.label) if len(due) > 1 else "")
    return DisplayText(first, spread(words.due, due[0].label if due else other.label))


def of_end(shop: Shop, done: Posted) -> DisplayText:
    """The total and the change."""
    words = shop.rules.paper.words
    given = [money for money in done.change if not money.is_zero]
    change = " ".join(money.label for money in given) or Money.zero(done.currency).label
    return DisplayText(spread(words.total, done.total.label), spread(words.change, change))


def problem(shop: Shop) -> str | None:
    """What is wrong with the display, empty when it is well; None when nobody has tried it."""
    with shop.store.read() as connection:
        return setting.read(connection, STATE)


def note(shop: Shop, problem: str) -> None:
    """Keep how the display is, for status and diagnosis."""
    with shop.store.write() as connection:
        setting.write(connection, STATE, problem)
