"""Reports of a till agree with the papers of its shift, which are added up another way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pos_app.domain.report import Amounts
from pos_app.services import shift
from pos_app.services.report import form, money, sales
from pos_app.services.report.scope import Asked
from pos_app.store.engine import Store
from tests.counter import counter
from tests.shops import actor

TODAY = Asked(since=date(2026, 11, 2), until=date(2026, 11, 2))


def test_a_day_agrees_with_the_reading_of_its_shift(store: Store) -> None:
    till = counter(store)
    till.sell("MILK", "BREAD", amount="20.00")
    till.sell("BOOK", amount="20.00")
    report = shift.x(till.shop, actor("manager"))
    told = sales.summary(till.shop, TODAY)
    assert told.whole.invoices == report.sale_count == 2
    by_tax = Amounts.sum((row.currency, row.gross.minor) for row in report.taxes)
    vat = Amounts.sum((row.currency, row.vat.minor) for row in report.taxes)
    totals = Amounts.sum((row.currency, row.minor) for row in report.totals)
    for currency in ("USD", "ZIG"):
        assert told.whole.total.of(currency) == by_tax.of(currency) == totals.of(currency)
        assert told.whole.vat.of(currency) == vat.of(currency)
    paid = money.payments(till.shop, TODAY)
    assert paid.total.of("USD") == told.whole.total.of("USD"), "all of it was paid at the till"
    assert [(row.name, row.payments) for row in paid.by_means] == [("Cash", 2)]


def test_days_without_anything_say_so(sqlite_store: Store) -> None:
    till = counter(sqlite_store)
    for name, report in form.REPORTS.items():
        table = report(till.shop, Asked(until=date(2020, 1, 31)), 5)
        if not table.rows:
            assert "Nothing in these days." in form.as_text(table), name
        assert form.as_data(table)["report"] == name


def test_tables_are_for_people_and_for_programs(sqlite_store: Store) -> None:
    till = counter(sqlite_store)
    till.sell("MILK", amount="20.00")
    table = form.sales_of(till.shop, TODAY, 5)
    text = form.as_text(table)
    assert "2026-11-02" in text
    lines = [line.split() for line in text.splitlines()]
    assert ["Together", "1", "0", "1.99", "0.00", "0.27", "0.00"] in lines
    [row] = form.as_data(table)["rows"]  # type: ignore[misc]
    assert (row["sales_usd"], row["invoices"]) == ("1.99", 1)
    profit = form.as_text(form.profit(till.shop, TODAY, 5))
    assert "Compared at 26.5 ZIG for 1 USD." in profit
    assert "1 item sold without a known cost." in profit
    whole = money.profit(till.shop, TODAY)
    assert whole.earned == Decimal("1.72")
