"""Reports as tables for people: headings, rows and what is said below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pos_app.domain.plain import plain
from pos_app.domain.report import MOST_ROWS, Amounts, Days, Yardstick
from pos_app.domain.statement import AGES
from pos_app.services.rate import BASE, QUOTE
from pos_app.services.report import ledger, money, sales
from pos_app.services.report.scope import Asked
from pos_app.services.shop import Shop

Cell = str | int | Decimal
SLOW_FROM = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A report to print.

    Attributes:
        name, title: what commands and people call it.
        first, last: its days, as text; one and the same for what is true now.
        total: the last row; empty where there is none.
        notes: sentences below it, such as the rate that was used.
    """

    name: str
    title: str
    first: str
    last: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()


def sales_of(shop: Shop, asked: Asked, _most: int) -> Table:
    """Sales per day."""
    told = sales.summary(shop, asked)
    whole = told.whole
    return Table(
        **_head("sales", "Sales, credit notes taken off, VAT included", told.period),
        columns=("Day", "Invoices", "Notes", *_both("Sales"), *_both("VAT")),
        rows=tuple((str(day), *_sold(sold)) for day, sold in told.days),
        total=("Together", *_sold(whole)),
        notes=(
            f"{_many(told.customers, 'customer')}; an invoice comes to "
            + ", ".join(
                whole.total.average(currency, count).label
                for currency, count in sorted(whole.by_currency.items())
                if count
            )
            + " on average.",
        )
        if whole.invoices
        else (),
    )


def products(shop: Shop, asked: Asked, most: int) -> Table:
    """What sells most."""
    told = sales.top_items(shop, asked, limit=most)
    return Table(
        **_head("products", "What sells most, by quantity, returns taken off", told.period),
        columns=("No", "Item", "Name", "Quantity", *_both("Sales"), "Invoices"),
        rows=tuple(
            (row.rank, row.code, row.name, row.quantity, *_pair(row.amounts), row.invoices)
            for row in told.items
        ),
        notes=(f"{_many(told.count, 'different item')} sold in all.",),
    )


def slow(shop: Shop, asked: Asked, most: int) -> Table:
    """What lies in stock and does not sell."""
    told = sales.slow_items(shop, asked, threshold=SLOW_FROM, limit=most)
    return Table(
        **_head("slow", f"In stock, not sold for {told.threshold} days", told.period),
        columns=("Item", "Name", "In stock", "Last sold", "Days", "Worth"),
        rows=tuple(
            (
                row.code,
                row.name,
                row.on_hand,
                str(row.last) if row.last else "not in these days",
                row.days,
                row.value,
            )
            for row in told.items
        ),
        notes=(f"{_many(told.count, 'item')} in all; worth is at SAP's average cost.",),
    )


def customers(shop: Shop, asked: Asked, most: int) -> Table:
    """Who buys most."""
    told = money.buyers(shop, asked, limit=most)
    return Table(
        **_head("customers", "Who buys most, credit notes taken off", told.period),
        columns=(
            "No",
            "Code",
            "Name",
            "Invoices",
            *_both("Bought"),
            *_both("Paid"),
            *_both("Owes"),
        ),
        rows=tuple(
            (
                row.rank,
                row.code,
                row.name,
                row.invoices,
                *_pair(row.bought),
                *_pair(row.paid),
                *_pair(row.owes),
            )
            for row in told.buyers
        ),
        notes=(f"{_many(told.count, 'customer')} in all.", *_rate(told.measure)),
    )


def payments(shop: Shop, asked: Asked, _most: int) -> Table:
    """What was paid, by means."""
    told = money.payments(shop, asked)
    return Table(
        **_head("payments", "What was paid, what was paid back taken off", told.period),
        columns=("Means", "Payments", *_both("Paid"), "Percent"),
        rows=tuple(
            (
                row.name,
                row.payments,
                *_pair(row.amounts),
                _known(told.measure.percent(row.amounts, told.total)),
            )
            for row in told.by_means
        ),
        total=("Together", told.payments, *_pair(told.total), ""),
        notes=_rate(told.measure),
    )


def profit(shop: Shop, asked: Asked, _most: int) -> Table:
    """What came in and what it cost."""
    told = money.profit(shop, asked)
    earned = f"{told.earned:f} {BASE}" if told.earned is not None else "not known without a rate"
    notes = (
        f"Net sales less VAT less the cost of the goods sold (at today's average cost): {earned}.",
        f"Owed by customers now: {_said(told.owed)}.",
        *_rate(told.measure),
    )
    if told.without_cost:
        notes += (f"{_many(told.without_cost, 'item')} sold without a known cost.",)
    return Table(
        **_head("profit", "What came in and what it cost", told.period),
        columns=(
            "Month",
            *_both("Sales"),
            *_both("Credited"),
            *_both("VAT"),
            *_both("Bought"),
            f"Cost {BASE}",
        ),
        rows=tuple((row.month, *_earned(row)) for row in told.months),
        total=("Together", *_earned(told.whole)),
        notes=notes,
    )


def owed(shop: Shop, _asked: Asked, most: int) -> Table:
    """Who owes how much since when."""
    told = money.aging(shop)
    rows: list[tuple[Cell, ...]] = [
        (row.code, row.name, currency, *(age.amounts.of(currency).amount for age in row.ages))
        for row in told.debtors
        for currency in sorted(row.whole.amounts.minor)
    ]
    day = str(told.on)
    return Table(
        name="owed",
        title="What is open of invoices now, by age",
        first=day,
        last=day,
        columns=("Code", "Name", "Currency", *AGES),
        rows=tuple(rows[:most]),
        notes=(f"{_many(len(told.debtors), 'customer')}, {_said(told.whole.amounts)} in all.",),
    )


def trial_balance(shop: Shop, asked: Asked, _most: int) -> Table:
    """What each account of the built-in books comes to."""
    told = ledger.trial(shop, asked.until)
    wrong = any(told.left.minor.values())
    day = str(told.on)
    return Table(
        name="trial-balance",
        title="Accounts of the own books, up to and including",
        first=day,
        last=day,
        columns=("Account", "Name", "Type", "Currency", "Debit", "Credit"),
        rows=tuple(
            (one.code, one.name, one.type, one.debit.currency, one.debit.amount, one.credit.amount)
            for one in told.accounts
        ),
        notes=(
            f"Debit and credit differ by {_said(told.left)}: run pos check --server."
            if wrong
            else "Debit equals credit in each currency.",
        ),
    )


REPORTS: Mapping[str, Callable[[Shop, Asked, int], Table]] = {
    "sales": sales_of,
    "products": products,
    "slow": slow,
    "customers": customers,
    "payments": payments,
    "profit": profit,
    "owed": owed,
    "trial-balance": trial_balance,
}
"""Every report a manager reads at the counter, by what the command calls it."""


def as_data(table: Table) -> dict[str, object]:
    """A table as JSON data: one object per row, amounts and quantities as decimal strings."""
    names = [column.lower().replace(" ", "_") for column in table.columns]

    def row(cells: Sequence[Cell]) -> dict[str, object]:
        told = (cell if isinstance(cell, int) else _plain(cell) for cell in cells)
        return dict(zip(names, told, strict=True))

    return {
        "report": table.name,
        "from": table.first,
        "to": table.last,
        "rows": [row(cells) for cells in table.rows],
        "total": row(table.total) if table.total else None,
        "notes": list(table.notes),
    }


def as_text(table: Table) -> str:
    """A table in columns: words to the left, numbers to the right."""
    days = table.first if table.first == table.last else f"{table.first} to {table.last}"
    lines = [f"{table.title}: {days}", ""]
    body = [*table.rows, *([table.total] if table.total else [])]
    if not table.rows:
        lines.append("Nothing in these days.")
        return "\n".join([*lines, *table.notes])
    cells = [[_plain(cell) for cell in row] for row in body]
    widths = [max(map(len, column)) for column in zip(table.columns, *cells, strict=True)]
    numbers = [not isinstance(cell, str) for cell in body[0]]
    rule = ["-" * width for width in widths]
    shown = [list(table.columns), rule, *cells[: len(table.rows)]]
    shown += [rule, cells[-1]] if table.total else []
    for row in shown:
        parts = zip(row, widths, numbers, strict=True)
        told = (text.rjust(width) if right else text.ljust(width) for text, width, right in parts)
        lines.append("  ".join(told).rstrip())
    return "\n".join(map(plain, [*lines, "", *table.notes])).rstrip()


def most_of(asked: int) -> int:
    """How many rows a list may have."""
    return min(max(asked, 1), MOST_ROWS)


def _head(name: str, title: str, period: Days) -> dict[str, Any]:
    return {"name": name, "title": title, "first": str(period.since), "last": str(period.until)}


def _both(name: str) -> tuple[str, str]:
    return f"{name} {BASE}", f"{name} {QUOTE}"


def _pair(amounts: Amounts) -> tuple[Decimal, Decimal]:
    return amounts.of(BASE).amount, amounts.of(QUOTE).amount


def _sold(sold: sales.Sold) -> tuple[Cell, ...]:
    return sold.invoices, sold.notes, *_pair(sold.total), *_pair(sold.vat)


def _earned(row: money.Earned) -> tuple[Cell, ...]:
    parts = (row.revenue, row.credited, row.vat, row.purchases)
    return *(amount for part in parts for amount in _pair(part)), row.cost


def _said(amounts: Amounts) -> str:
    found = [amounts.of(name).label for name, minor in sorted(amounts.minor.items()) if minor]
    return " and ".join(found) or "nothing"


def _known(percent: Decimal | None) -> Cell:
    return "" if percent is None else percent


def _rate(measure: Yardstick) -> tuple[str, ...]:
    if measure.rate is None:
        return (f"No rate is known between {BASE} and {QUOTE}: nothing is compared across them.",)
    return (f"Compared at {measure.rate:f} {QUOTE} for 1 {BASE}.",)


def _many(count: int, thing: str) -> str:
    return f"1 {thing}" if count == 1 else f"{count} {thing}s"


def _plain(cell: Cell) -> str:
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)
