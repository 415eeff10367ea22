"""A record of the device that no sale stands behind comes back from the disk as it was."""

from __future__ import annotations

from decimal import Decimal

from fiscal.messages import FiledTax
from pos_app.services import document, fiscal_figure, fiscal_record
from pos_app.store import fiscal_device as devices
from pos_app.store.engine import Store
from tests.counter import counter


def test_a_found_record_is_kept_whole(store: Store) -> None:
    till = counter(store)
    till.file_elsewhere("X-1")
    filed = till.driver.look_up("X-1")
    assert filed is not None
    assert filed.taxes[0] == FiledTax(
        code="A", percent=Decimal("15.5"), sales=Decimal("1.99"), tax=Decimal("0.27")
    )
    with till.shop.store.write() as connection:
        now = till.shop.clock.now()
        row = fiscal_record.found_row(connection, filed, why="disputed", now=now)
        devices.add_found(connection, row)
    with till.shop.store.read() as connection:
        kept = devices.found_of_number(connection, "X-1")
    assert kept is not None
    assert fiscal_record.found_record(kept) == filed


def test_figures_of_an_answer_whose_data_is_a_text_can_be_told_to_the_server() -> None:
    data = '{"receipt": {"receiptCurrency": "USD", "receiptTotal": 14.49, "receiptTaxes": []}}'
    figures = fiscal_figure.excerpt({"Code": "1", "Data": data})
    assert figures is not None
    assert "14.49" in document.canonical(figures)
