"""X and Z on paper from the accounts of a day: what was filed, and where the accounts part."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pos_app.domain.fiscal_day import Difference
from pos_app.errors import RecordNotFound
from pos_app.services import fiscal_day, fiscal_paper
from pos_app.services.fiscal_paper import PrinterMissing
from pos_app.store.engine import Store
from tests import shops
from tests.counter import Counter, counter

MANAGER = shops.actor("manager")


@pytest.fixture
def till(store: Store) -> Counter:
    return counter(store)


def close(till: Counter) -> None:
    fiscal_day.close_day(till.shop, MANAGER)
    assert till.file().problem == ""


def test_the_paper_says_what_the_device_has_filed(till: Counter) -> None:
    till.sell("MILK", "BREAD")
    till.sell("BOOK", currency="ZIG")
    till.file()
    close(till)
    fiscal_paper.print_z(till.shop, MANAGER, 1)
    fiscal_paper.print_z(till.shop, MANAGER, 1)
    till.print()
    first, again = [paper for paper in till.papers() if "Z REPORT" in paper]
    for part in ("USD", "ZWG", "VAT 15.5%", "VAT 0%", "Exempt", "Total documents", "agree"):
        assert part in first
    assert first.index("DAILY TOTALS USD") < first.index("DAILY TOTALS ZWG")
    assert "COPY" not in first
    assert "*** COPY 1 ***" in again


def test_an_x_is_never_a_copy_and_changes_nothing(till: Counter) -> None:
    till.sell("MILK")
    till.file()
    for _ in range(2):
        fiscal_paper.print_x(till.shop, MANAGER)
    till.print()
    papers = [paper for paper in till.papers() if "X REPORT" in paper]
    assert len(papers) == 2
    assert not any("COPY" in paper or "Closed" in paper for paper in papers)
    assert till.box.ledger()["days"][-1]["status"] == "FiscalDayOpened"


def test_there_is_no_paper_of_a_day_nobody_knows(till: Counter) -> None:
    with pytest.raises(RecordNotFound):
        fiscal_paper.print_z(till.shop, MANAGER, 7)
    with pytest.raises(RecordNotFound):
        fiscal_paper.print_x(till.shop, MANAGER)


def test_without_a_printer_nothing_is_queued(sqlite_store: Store) -> None:
    till = counter(sqlite_store, printers=())
    till.sell("MILK")
    till.file()
    with pytest.raises(PrinterMissing):
        fiscal_paper.print_x(till.shop, MANAGER)


def test_what_parts_stands_on_the_paper(sqlite_store: Store) -> None:
    till = counter(sqlite_store)
    till.sell("MILK")
    till.file()
    close(till)
    day = fiscal_day.z(till.shop, MANAGER, 1)
    parted = Difference(what="USD 15.5 % tax", between=("device", "till"), said="0.27", has="0.26")
    odd = replace(
        day, differences=(parted,), found=("X-1",), is_foreign=True, is_z=False,
        signed_by="manager", note="seen",
    )  # fmt: skip
    told = " ".join(fiscal_paper.remarks(odd))
    for part in ("device says 0.27", "X-1", "Somebody else", "Z report is not here", "seen"):
        assert part in told
    report = fiscal_paper.report_of(till.shop, odd, device_serial="")
    assert report.device_serial == "-"
    [usd] = report.currencies
    assert (usd.invoices.count, usd.invoices.amount) == (1, Decimal("1.99"))
