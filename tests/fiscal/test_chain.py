"""Hash texts and hashes against published, live and computed vectors."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fiscal.chain import (
    Counter,
    CounterType,
    MoneyType,
    TaxRow,
    day_text,
    hash_of,
    receipt_text,
    server_day_text,
    server_receipt_text,
)
from tests.fiscal.samples import vectors

GOLDEN: dict[str, Any] = vectors("golden_day")  # type: ignore[assignment]
FILED_IDS = {"": 1, "0.00": 2, "15.50": 515}


def exact(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def tax_rows(rows: list[dict[str, Any]]) -> list[TaxRow]:
    return [
        TaxRow(
            tax_id=row["id"],
            code=row["code"],
            percent=exact(row["percent"]),
            tax=Decimal(row["tax"]),
            sales=Decimal(row["sales"]),
        )
        for row in rows
    ]


def text_of(vector: dict[str, Any], device: str, rows: list[TaxRow]) -> str:
    return receipt_text(
        device,
        vector["type"],
        currency=vector["currency"],
        global_no=vector["global_no"],
        date_text=vector["date"],
        total=Decimal(vector["total"]),
        taxes=rows,
        previous_hash=vector["previous"],
    )


@pytest.mark.parametrize("vector", vectors("receipts"), ids=lambda vector: vector["name"])
def test_receipt_text_and_hash(vector: dict[str, Any]) -> None:
    text = text_of(vector, vector["device"], tax_rows(vector["taxes"]))
    assert text == vector["text"]
    assert hash_of(text) == vector["hash"]


@pytest.mark.parametrize("vector", vectors("receipts"), ids=lambda vector: vector["name"])
def test_order_of_taxes_does_not_matter(vector: dict[str, Any]) -> None:
    rows = list(reversed(tax_rows(vector["taxes"])))
    assert text_of(vector, vector["device"], rows) == vector["text"]


def counter(row: dict[str, Any]) -> Counter:
    return Counter(
        type=CounterType[row["type"]],
        currency=row["currency"],
        value=Decimal(row["value"]),
        tax_id=row["tax_id"],
        percent=exact(row["percent"]),
        money=MoneyType[row["money"]] if row["money"] else None,
    )


@pytest.mark.parametrize("vector", vectors("days"), ids=lambda vector: vector["name"])
def test_day_text_and_hash(vector: dict[str, Any]) -> None:
    text = day_text(
        vector["device"],
        vector["day"],
        opened=date.fromisoformat(vector["opened"]),
        counters=[counter(row) for row in vector["counters"]],
    )
    assert text == vector["text"]
    assert hash_of(text) == vector["hash"]


@pytest.mark.parametrize("vector", vectors("hashes"), ids=lambda vector: vector["name"])
def test_hash_of_published_texts(vector: dict[str, Any]) -> None:
    assert hash_of(vector["text"]) == vector["hash"]


def test_text_the_authority_signs_is_signature_id_and_date() -> None:
    vector = next(row for row in vectors("hashes") if row["name"] == "spec-receipt-server")
    signature, _, rest = vector["text"].partition("48377")
    assert server_receipt_text(signature, 48377, rest) == vector["text"]


def test_text_the_authority_signs_when_a_day_is_closed() -> None:
    """Built from the published parts; its counters stand in the order in which they are printed."""
    text = next(row for row in vectors("hashes") if row["name"] == "spec-day-server")["text"]
    counters = text[text.index("SALEBYTAX") : text.index("CASH2000000") + len("CASH2000000")]
    signature = text[text.index("CASH2000000") + len("CASH2000000") :]
    parts = {
        "opened": date(2019, 9, 23),
        "updated": "2019-09-23T22:21:14",
        "counters": counters,
        "signature": signature,
    }
    assert server_day_text("321", 84, reconciliation="Auto", **parts) == text
    manual = server_day_text("321", 84, reconciliation="Manual", **parts)
    assert manual == text.replace("AUTO", "MANUAL").removesuffix(signature)


def test_golden_day_chains() -> None:
    previous = ""
    for receipt in GOLDEN["receipts"]:
        assert receipt["previous"] == previous
        text = text_of(receipt, GOLDEN["device"], tax_rows(receipt["taxes"]))
        assert text == receipt["text"]
        assert hash_of(text) == receipt["hash"]
        previous = hash_of(text)


def golden_counter(row: dict[str, str]) -> Counter:
    type_ = {entry.text.lower(): entry for entry in CounterType}[row["type"].lower()]
    is_money = type_ is CounterType.BALANCE_BY_MONEY_TYPE
    return Counter(
        type=type_,
        currency=row["currency"],
        value=Decimal(row["value"]),
        tax_id=0 if is_money else FILED_IDS[row["key"]],
        percent=None if is_money or not row["key"] else Decimal(row["key"]),
        money=MoneyType[row["key"]] if is_money else None,
    )


def test_golden_day_closes() -> None:
    counters = [golden_counter(row) for row in reversed(GOLDEN["counters"])]
    text = day_text(
        GOLDEN["device"],
        GOLDEN["day"],
        opened=date.fromisoformat(GOLDEN["opened"]),
        counters=counters,
    )
    assert text == GOLDEN["text"]
    assert hash_of(text) == GOLDEN["hash"]


def test_zero_counters_are_left_out() -> None:
    zero = Counter(type=CounterType.SALE_BY_TAX, currency="USD", value=Decimal(0), tax_id=2)
    assert day_text("1", 1, opened=date(2026, 1, 2), counters=[zero]) == "112026-01-02"
