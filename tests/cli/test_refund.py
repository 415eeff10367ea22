"""`pos refund`: the answer, key by key; references, approvals, and what wrong input leaves."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.cli.test_sell import LAMPS
from tests.cli.test_sell_bad_input import check_refused
from tests.cli.till import Ran, Till, line, milk, tender

INPUT, RULE = 2, 3


def wanted(**changes: object) -> dict[str, object]:
    """A return of one milk of the first receipt, or with changes; None leaves a key out."""
    made: dict[str, object] = {
        "user": "cashier",
        "pin": "4821",
        "receipt": "T01-000001",
        "reason": "damaged",
        "lines": [{"line": 1, "quantity": "1"}],
        "tender": {"type": "cash", "currency": "USD"},
    }
    return {key: value for key, value in (made | changes).items() if value is not None}


def refund(till: Till, request: object = None, **changes: object) -> Ran:
    asked = wanted(**changes) if request is None else request
    text = asked if isinstance(asked, str | bytes) else json.dumps(asked)
    return till.here("refund", stdin=text)


@pytest.fixture
def sold(till: Till) -> Till:
    assert till.sell(lines=[line(quantity="3"), line(item="BREAD")]).code == 0
    return till


def test_answer_has_the_keys_scripts_rely_on(sold: Till) -> None:
    made = refund(sold)
    assert (made.code, made.err) == (0, "")
    assert made.json | {"sale_id": ""} == {
        "receipt": "T01-000002",
        "sale_id": "",
        "currency": "USD",
        "total": "-1.99",
        "vat": "-0.27",
        "paid": "-1.99",
        "change": [],
        "replayed": False,
        "lamps": LAMPS,
        "fiscal": None,
        "paid_back": [{"type": "cash", "currency": "USD", "amount": "1.99"}],
    }
    stock = {row[0]: row[2] for row in sold.rows()["stock"]}
    assert (stock["MILK"], stock["BREAD"]) == (Decimal(98), Decimal(99))
    assert sold.here("check", "--json").code == 0


def test_without_lines_all_that_is_left_comes_back(sold: Till) -> None:
    assert refund(sold).json["total"] == "-1.99"
    rest = refund(sold, lines=None, tender=None)
    assert (rest.json["total"], rest.json["receipt"]) == ("-4.98", "T01-000003")
    check_refused(refund(sold, lines=None), RULE, "nothing_left")
    check_refused(refund(sold), RULE, "return_too_much")


def test_a_price_is_corrected_by_an_amount(sold: Till) -> None:
    made = refund(sold, lines=[{"line": 1, "amount": "1.00"}], reason="shelf price")
    assert made.json["total"] == "-1.00"
    stock = {row[0]: row[2] for row in sold.rows()["stock"]}
    assert stock["MILK"] == 97


def test_the_same_reference_gives_the_first_answer(sold: Till) -> None:
    first = refund(sold, reference="back 1").json
    again = refund(sold, reference="back 1").json
    assert again == first | {"replayed": True}
    check_refused(refund(sold, reference="back 1", reason="other"), RULE, "reference_conflict")
    assert sold.sell(reference="sale 1").code == 0
    check_refused(refund(sold, reference="sale 1"), RULE, "reference_conflict")
    assert sold.here("check").code == 0


def test_above_the_limit_a_manager_is_asked_and_may_say_yes(till: Till) -> None:
    till.sell(lines=[line(item="BOOK", quantity="2")], tenders=[tender(amount="30.00")])
    error = check_refused(refund(till, lines=None), RULE, "approval_needed")
    assert error["details"]["rule"] == "refund"
    no = {"user": "manager", "pin": "4821", "reason": "wrong edition"}
    check_refused(refund(till, lines=None, approval=no), RULE, "approver_not_allowed")
    limit = '[[limit]]\nrule = "refund"\nrole = "Manager"\nat_most = 500\n'
    till.config.write_text(till.config.read_text(encoding="utf-8") + "\n" + limit, "utf-8")
    made = refund(till, lines=None, approval=no)
    assert (made.code, made.json["total"]) == (0, "-25.00")


BAD: list[tuple[str, object, int, str]] = [
    ("no JSON", "{", INPUT, "malformed_input"),
    ("an unknown key", wanted(colour="red"), INPUT, "malformed_input"),
    ("no receipt", wanted(receipt=None), INPUT, "malformed_input"),
    ("a list of nothing", wanted(lines=[]), INPUT, "malformed_input"),
    ("a line without a number", wanted(lines=[{"quantity": "1"}]), INPUT, "malformed_input"),
    ("a line 0", wanted(lines=[{"line": 0, "quantity": "1"}]), INPUT, "malformed_input"),
    ("a line in words", wanted(lines=[{"line": "one", "quantity": "1"}]), INPUT, "malformed_input"),
    ("a true line", wanted(lines=[{"line": True, "quantity": "1"}]), INPUT, "malformed_input"),
    ("neither", wanted(lines=[{"line": 1}]), INPUT, "malformed_input"),
    (
        "both",
        wanted(lines=[{"line": 1, "quantity": "1", "amount": "1"}]),
        INPUT,
        "malformed_input",
    ),
    (
        "damaged in words",
        wanted(lines=[{"line": 1, "quantity": "1", "damaged": "yes"}]),
        INPUT,
        "malformed_input",
    ),
    ("a tender that is a word", wanted(tender="cash"), INPUT, "malformed_input"),
    ("another kind", wanted(kind="invoice"), INPUT, "malformed_input"),
    ("no reason", wanted(reason=None), INPUT, "note_reason_missing"),
    ("an unknown receipt", wanted(receipt="T01-000099"), INPUT, "receipt_elsewhere"),
    ("an unknown line", wanted(lines=[{"line": 7, "quantity": "1"}]), INPUT, "line_unknown"),
    ("half a milk", wanted(lines=[{"line": 1, "quantity": "0.5"}]), INPUT, "quantity_invalid"),
    ("none", wanted(lines=[{"line": 1, "quantity": "0"}]), INPUT, "quantity_invalid"),
    ("too many", wanted(lines=[{"line": 1, "quantity": "4"}]), RULE, "return_too_much"),
    ("too much", wanted(lines=[{"line": 1, "amount": "9.00"}]), RULE, "credit_too_much"),
    ("a third of a cent", wanted(lines=[{"line": 1, "amount": "0.003"}]), INPUT, "amount_invalid"),
    ("a tender nobody has", wanted(tender={"type": "gold"}), INPUT, "unmapped_tender"),
    ("no slip", wanted(tender={"type": "ecocash"}), INPUT, "tender_invalid"),
    ("another currency", wanted(tender={"currency": "EUR"}), INPUT, "unmapped_currency"),
    (
        "an unpaid currency",
        wanted(tender={"type": "cash", "currency": "ZIG"}),
        RULE,
        "approval_needed",
    ),
    ("a wrong PIN", wanted(pin="0000"), RULE, "sign_in_refused"),
    ("a stock clerk", wanted(user="stock"), RULE, "permission_missing"),
    (
        "a debit note",
        wanted(kind="debit_note", lines=[{"line": 1, "amount": "1"}]),
        RULE,
        "debit_notes_off",
    ),
]


@pytest.mark.parametrize("row", BAD, ids=[row[0] for row in BAD])
def test_a_refused_request_leaves_nothing(sold: Till, row: tuple[str, object, int, str]) -> None:
    _, request, code, name = row
    before = sold.rows()
    check_refused(refund(sold, request), code, name)
    assert sold.rows() == before


PAPER: dict[str, object] = {
    "number": "OLD-17",
    "device_id": "22862",
    "device_serial": "RVX-0001",
    "receipt_global_no": 216877,
    "fiscal_day": 534,
    "filed_at": "2026-10-11T14:05:00",
    "currency": "USD",
    "total": "3.98",
    "lines": [{"item": "MILK", "quantity": "2", "amount": "3.98"}],
}
YES = {"user": "manager", "pin": "4821", "reason": "has the paper"}


def test_a_receipt_of_another_device_is_entered_from_its_paper(till: Till) -> None:
    by_paper = wanted(receipt=None, original=PAPER)
    check_refused(refund(till, by_paper), RULE, "approval_needed")
    first = refund(till, by_paper | {"approval": YES})
    assert (first.code, first.json["total"]) == (0, "-1.99")
    check_refused(refund(till, receipt="OLD-17"), RULE, "approval_needed")
    rest = refund(till, receipt="OLD-17", lines=None, approval=YES)
    assert rest.json["total"] == "-1.99"
    check_refused(refund(till, receipt="OLD-17", approval=YES), RULE, "return_too_much")
    stock = {row[0]: row[2] for row in till.rows()["stock"]}
    assert stock["MILK"] == 102
    assert till.here("check").code == 0


ENTERED: list[tuple[str, dict[str, object], str]] = [
    ("no number", {"number": None}, "malformed_input"),
    ("a device in words", {"device_id": "ours"}, "original_invalid"),
    ("no day", {"fiscal_day": 0}, "malformed_input"),
    ("a time nobody reads", {"filed_at": "yesterday"}, "malformed_input"),
    ("a time to come", {"filed_at": "2027-01-01T10:00:00"}, "original_invalid"),
    ("a time with a zone", {"filed_at": "2026-10-11T14:05:00+02:00"}, "original_invalid"),
    ("lines above the total", {"total": "1.00"}, "original_invalid"),
    ("no lines", {"lines": []}, "malformed_input"),
    ("an unknown key", {"colour": "red"}, "malformed_input"),
    (
        "an unknown item",
        {"lines": [{"item": "GOLD", "quantity": "1", "amount": "1.00"}]},
        "record_not_found",
    ),
    (
        "an unmapped tax",
        {"lines": [{"item": "ODDTAX", "quantity": "1", "amount": "1.00"}]},
        "unmapped_tax_group",
    ),
]


@pytest.mark.parametrize("row", ENTERED, ids=[row[0] for row in ENTERED])
def test_wrong_paper_leaves_nothing(till: Till, row: tuple[str, dict[str, object], str]) -> None:
    _, changes, name = row
    paper = {key: value for key, value in (PAPER | changes).items() if value is not None}
    before = till.rows()
    ran = refund(till, wanted(receipt=None, original=paper, approval=YES))
    assert (ran.code in (INPUT, RULE), ran.error) == (True, name)
    assert till.rows() == before


def test_it_is_a_till_that_refunds(sold: Till) -> None:
    assert milk()["user"] == "cashier"
    sold.configure(role="server")
    check_refused(refund(sold), INPUT, "config_invalid")
