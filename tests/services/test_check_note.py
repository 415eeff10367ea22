"""Notes against their originals: clean books are clean, and each planted corruption is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from pos_app.domain.money import Money
from pos_app.domain.note import WantedLine
from pos_app.services import refund
from pos_app.services.check.invariants import Violation, check, violations
from pos_app.services.check.violation import Books
from pos_app.services.refund import AskedNote
from pos_app.services.shop import Shop
from pos_app.store.engine import open_store
from tests import shops
from tests.counter import counter


class TakenBack(Exception):
    pass


@dataclass(frozen=True)
class Noted:
    """A till with a sale of two milks and a note of each kind of line."""

    shop: Shop
    sale: str
    note: str

    def after(self, statement: str) -> list[Violation]:
        """What is found after a corruption, which is taken back again."""
        found: list[Violation] = []
        with suppress(TakenBack), self.shop.store.write() as connection:
            assert connection.execute(text(statement), {"note": self.note}).rowcount > 0
            books = Books(
                connection=connection,
                rules=self.shop.rules,
                now=self.shop.clock.now(),
                is_server=False,
            )
            found = list(violations(books))
            raise TakenBack
        return found


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Noted]:
    path = tmp_path_factory.mktemp("noted") / "till.db"
    path.write_bytes(sqlite_template.read_bytes())
    with open_store(path) as store:
        till = counter(store)
        sold = till.sell("MILK", "MILK", "BREAD")
        till.file_all()
        lines = (
            WantedLine(line=1, quantity=Decimal(1)),
            WantedLine(line=2, amount=Money.of("0.50", "USD")),
        )
        asked = AskedNote(id=till.shop.ids.new(), receipt=sold.receipt, reason="sour", lines=lines)
        made = refund.post(till.shop, shops.actor(), asked)
        till.file_all()
        yield Noted(till.shop, sold.sale_id, made.sale_id)


def test_clean_books_are_clean(noted: Noted) -> None:
    assert check(noted.shop) == []


PLANTED = {
    "note_without_original": "UPDATE sales SET original_id = NULL WHERE id = :note",
    "note_without_reason": "UPDATE sales SET notes = ' ' WHERE id = :note",
    "original_missing": "UPDATE sales SET original_id = 'nobody' WHERE id = :note",
    "note_in_other_currency": "UPDATE sales SET currency = 'ZIG' WHERE id = :note",
    "balance_exceeded": "UPDATE sales SET total = -1000, net = -1000 - vat WHERE id = :note",
    "note_with_other_tax": (
        "UPDATE sale_lines SET tax_percent = 15000000 WHERE sale_id = :note AND line = 1"
    ),
    "note_line_unknown": (
        "UPDATE sale_lines SET original_line = 7 WHERE sale_id = :note AND line = 1"
    ),
    "returned_too_much": (
        "UPDATE sale_lines SET quantity = -2000000 WHERE sale_id = :note AND line = 1"
    ),
    "credited_too_much": "UPDATE sale_lines SET gross = -200 WHERE sale_id = :note AND line = 1",
    "credited_too_little": "UPDATE sale_lines SET gross = -198 WHERE sale_id = :note AND line = 1",
    "drawer_direction": "UPDATE shift_movements SET kind = 'sale' WHERE document_id = :note",
    "part_without_sale": "UPDATE stock_moves SET document_id = 'x' WHERE document_id = :note",
}


@pytest.mark.parametrize("code", PLANTED)
def test_a_planted_corruption_is_named(noted: Noted, code: str) -> None:
    found = noted.after(PLANTED[code])
    assert code in {row.code for row in found}
    assert all(row.sentence.endswith(".") and row.subject for row in found)
