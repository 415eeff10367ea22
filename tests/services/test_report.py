"""Reports of a till agree with the papers of its shift, which are added up another way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pos_app.domain.limit import Limit, Rule
from pos_app.domain.report import Amounts
from pos_app.services import shift
from pos_app.services.proof import receipt
from pos_app.services.report import form, money, sales
from pos_app.services.report.scope import Asked
from pos_app.store.engine import Store
from tests.counter import counter
from tests.services.test_refund import back, give_back, sell
from tests.shops import actor
from tests.stories.test_fiscal_day import close, stock_up

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


def test_a_busy_day_agrees_with_its_z_and_its_proof_to_the_cent(sqlite_store: Store) -> None:
    """Sales and returns in both currencies: added up by the report, the device, and the proof."""
    till = counter(sqlite_store, limits=(Limit(Rule.REFUND, "Cashier", Decimal(1000)),))
    till.driver.close_day()
    till.shop.clock.sleep(2)
    stock_up(till)
    for number in range(12):
        goods = (("MILK", str(number % 3 + 1)), (("BREAD", "BOOK")[number % 2], "2"))
        sold = sell(till, *goods, currency="ZIG" if number % 3 == 2 else "USD")
        if number % 4 == 2:
            give_back(till, sold, back(1, "1"))
            till.file_all()
    told = sales.summary(till.shop, TODAY)
    assert (told.whole.invoices, told.whole.notes) == (12, 3)
    day = close(till)
    assert (day.differences, day.found) == ((), ())
    assert day.device is not None
    held = receipt.read(till.shop, date(2026, 11, 2), till=None).receipts
    assert len(held) == 15
    paid = money.payments(till.shop, TODAY)
    for currency in ("USD", "ZIG"):
        taxes = [row for row in day.device.taxes if row.gross.currency == currency]
        proven = [entry for entry in held if entry.currency == currency]
        whole = told.whole.total.of(currency)
        assert whole.minor == sum(row.gross.minor for row in taxes) > 0
        assert whole.minor == sum(entry.total or 0 for entry in proven)
        assert told.whole.vat.of(currency).minor == sum(row.tax.minor for row in taxes)
        assert paid.total.of(currency) == whole, "all of it was paid, and paid back, at the till"


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
