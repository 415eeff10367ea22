"""`pos sell` on wrong input: one JSON error, the right exit code, and nothing half-written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pos_app.domain.item import Item
from tests import shops
from tests.cli.till import Ran, Till, line, milk, tender

INPUT, RULE = 2, 3

MALFORMED: list[tuple[str, str | bytes]] = [
    ("nothing", ""),
    ("half an object", '{"user": "cashier"'),
    ("a list", "[]"),
    ("not UTF-8", b'{"user": "\xff"}'),
    ("NaN", '{"user": NaN}'),
    ("a number of thousands of digits", '{"lines": ' + "9" * 5000 + "}"),
    ("too deep", "[" * 100_000),
    ("half a character", json.dumps(milk(reference="\ud800"))),
    ("the character NUL", json.dumps(milk(reference="a\x00b"))),
    ("a key twice", '{"user": "cashier", ' + json.dumps(milk())[1:]),
    ("an unknown key", json.dumps(milk(colour="red"))),
    ("an unknown key of a line", json.dumps(milk(lines=[line(colour="red")]))),
    ("an unknown key of a tender", json.dumps(milk(tenders=[tender(colour="red")]))),
    ("an unknown key of the approval", json.dumps(milk(approval={"who": "manager"}))),
    ("an approval that is no object", json.dumps(milk(approval=5))),
    ("an approval without a reason", json.dumps(milk(approval={"user": "manager", "pin": "1"}))),
    ("no user", json.dumps(milk(user=None))),
    ("a user that is no text", json.dumps(milk(user=5))),
    ("no PIN", json.dumps(milk(pin=None))),
    ("no lines", json.dumps(milk(lines=[]))),
    ("lines that are no list", json.dumps(milk(lines={"item": "MILK"}))),
    ("a line that is no object", json.dumps(milk(lines=["MILK"]))),
    ("no tenders", json.dumps(milk(tenders=[]))),
    ("neither item nor barcode", json.dumps(milk(lines=[line(item=None)]))),
    ("both item and barcode", json.dumps(milk(lines=[line(barcode="6001234567892")]))),
    ("no quantity", json.dumps(milk(lines=[line(quantity=None)]))),
    ("a quantity in words", json.dumps(milk(lines=[line(quantity="two")]))),
    ("a quantity that is true", json.dumps(milk(lines=[line(quantity=True)]))),
    ("a quantity that is no number", json.dumps(milk(lines=[line(quantity="NaN")]))),
    ("a quantity without an end", json.dumps(milk(lines=[line(quantity="1e400")]))),
    ("a price that is no number", json.dumps(milk(lines=[line(price="sNaN")]))),
    ("a price without an end", json.dumps(milk(lines=[line(price="1e40")]))),
    ("no amount", json.dumps(milk(tenders=[{"type": "cash", "currency": "USD"}]))),
    ("an endless amount", json.dumps(milk(tenders=[tender(amount="Infinity")]))),
]


def check_refused(ran: Ran, code: int, name: str) -> dict[str, Any]:
    """One JSON error, nothing on stderr, one sentence in it."""
    assert (ran.code, ran.err) == (code, "")
    assert set(ran.json) == {"error"}
    error: dict[str, Any] = ran.json["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["code"] == name
    assert error["message"].endswith(".")
    assert "\n" not in error["message"]
    assert "Traceback" not in ran.out
    assert isinstance(error["details"], dict)
    return error


@pytest.mark.parametrize("text", [row[1] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_malformed_request_is_refused(till: Till, text: str | bytes) -> None:
    check_refused(till.sell(text), INPUT, "malformed_input")


REFUSED: list[tuple[str, dict[str, object], int, str]] = [
    (
        "an unknown barcode",
        milk(lines=[line(item=None, barcode="4006381333931")]),
        2,
        "item_unknown",
    ),
    (
        "a barcode read wrong",
        milk(lines=[line(item=None, barcode="6001234567893")]),
        2,
        "check_digit_wrong",
    ),
    ("an unknown item", milk(lines=[line(item="NOPE")]), 2, "item_unknown"),
    ("quantity 0", milk(lines=[line(quantity="0")]), 2, "quantity_invalid"),
    ("a negative quantity", milk(lines=[line(quantity="-1")]), 2, "quantity_invalid"),
    ("a quantity of 1e9", milk(lines=[line(quantity="1e9")]), 2, "quantity_invalid"),
    ("1.5 of an each-item", milk(lines=[line(quantity="1.5")]), 2, "quantity_invalid"),
    ("a quantity too fine", milk(lines=[line(quantity="1e-9")]), 2, "quantity_invalid"),
    ("more than there is", milk(lines=[line(quantity="101")]), 3, "tender_too_low"),
    (
        "more than there is, paid",
        milk(lines=[line(quantity="101")], tenders=[tender(amount="201")]),
        3,
        "insufficient_stock",
    ),
    ("an item without a price", milk(lines=[line(item="NOPRICE")]), 3, "price_missing"),
    ("an unmapped tax group", milk(lines=[line(item="ODDTAX")]), 3, "unmapped_tax_group"),
    ("an unmapped currency", milk(tenders=[tender(currency="EUR")]), 2, "unmapped_currency"),
    ("a sale in an unmapped currency", milk(currency="EUR"), 2, "unmapped_currency"),
    ("an unmapped tender", milk(tenders=[tender(type="bitcoin")]), 2, "unmapped_tender"),
    ("a tender below what is due", milk(tenders=[tender(amount="1.98")]), 3, "tender_too_low"),
    ("a tender of nothing", milk(tenders=[tender(amount="0")]), 2, "tender_invalid"),
    ("a negative tender", milk(tenders=[tender(amount="-5")]), 2, "tender_invalid"),
    ("a tender too fine", milk(tenders=[tender(amount="9.999")]), 2, "amount_invalid"),
    ("no reference", milk(tenders=[tender(type="ecocash")]), 2, "tender_invalid"),
    (
        "too much by wallet",
        milk(tenders=[tender(type="ecocash", reference="x")]),
        3,
        "tender_too_high",
    ),
    ("an unknown user", milk(user="nobody"), 3, "sign_in_refused"),
    ("a wrong PIN", milk(pin="0000"), 3, "sign_in_refused"),
    ("somebody who may not sell", milk(user="stock"), 3, "permission_missing"),
    ("an unknown customer", milk(customer="C9999"), 2, "record_not_found"),
    ("an unknown batch", milk(lines=[line(item="YOGHURT", batch="Y-NONE")]), 2, "batch_not_found"),
    ("a batch of an item without", milk(lines=[line(batch="B1")]), 2, "batch_not_managed"),
    (
        "a discount above the limit",
        milk(lines=[line(discount_percent="6")]),
        3,
        "approval_needed",
    ),
    ("a discount below nothing", milk(lines=[line(discount_percent="-1")]), 2, "discount_invalid"),
    ("a discount above all", milk(lines=[line(discount_percent="101")]), 2, "discount_invalid"),
    ("a price of nothing", milk(lines=[line(price="0")]), 2, "price_invalid"),
    ("a negative price", milk(lines=[line(price="-1")]), 2, "price_invalid"),
    ("a price too fine", milk(lines=[line(price="1.0000001")]), 2, "price_invalid"),
    ("a price too large", milk(lines=[line(price="1e12")]), 2, "price_invalid"),
]


@pytest.mark.parametrize(
    ("request_", "code", "name"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_refused_sale_leaves_nothing_behind(
    till: Till, request_: dict[str, object], code: int, name: str
) -> None:
    before = till.rows()
    check_refused(till.sell(request_), code, name)
    assert till.rows() == before
    sold = till.sell()
    assert (sold.code, sold.json["receipt"]) == (0, "T01-000001")


def test_code_of_two_items_is_never_guessed(till: Till) -> None:
    till.add(Item("TWIN", "Bread white", "each", 0, "O2", "", barcodes=("6009876543210",)))
    before = till.rows()
    error = check_refused(
        till.sell(lines=[line(item=None, barcode="6009876543210")]), RULE, "barcode_ambiguous"
    )
    assert sorted(error["details"]["items"]) == ["BREAD", "TWIN"]
    assert till.rows() == before
    assert till.sell(lines=[line(item="TWIN")]).code == 0


def test_no_open_shift_is_refused(bare_till: Till) -> None:
    bare_till.fill(is_open=False)
    before = bare_till.rows()
    check_refused(bare_till.sell(), RULE, "shift_not_open")
    assert bare_till.rows() == before


def test_five_wrong_pins_lock_also_after_a_restart(till: Till) -> None:
    for _ in range(5):
        check_refused(till.sell(pin="0000"), RULE, "sign_in_refused")
    error = check_refused(till.sell(), RULE, "pin_locked")
    assert error["details"]["seconds"] == 30
    till.clock.sleep(31)
    assert till.sell().code == 0


def test_locked_seller_may_not_borrow_an_approval(till: Till) -> None:
    for _ in range(5):
        till.sell(user="manager", pin="0000")
    approval = {"user": "manager", "pin": shops.PIN, "reason": "damaged"}
    lines = [line(discount_percent="10")]
    check_refused(till.sell(lines=lines, approval=approval), RULE, "pin_locked")


@pytest.mark.parametrize(
    "name", ["10% [/] off [b", "Milk\x1b[2J\x07\r\n 1 l", "ミルク 🥛", "{0} %s"]
)
def test_odd_names_are_sold_like_any(till: Till, name: str) -> None:
    till.add(Item("ODD", name, "each", 0, "O1", "21069090"))
    sold = till.sell(lines=[line(item="ODD")])
    assert (sold.code, sold.json["total"]) == (0, "5.00")


def test_numbers_without_quotes_keep_their_digits(till: Till) -> None:
    text = json.dumps(milk(reference="R1")).replace('"1"', "1.0").replace('"10.00"', "3.10")
    sold = till.sell(text)
    assert (sold.code, sold.json["paid"]) == (0, "3.10")
    assert till.sell(text).json == sold.json | {"replayed": True}
