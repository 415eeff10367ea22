from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from sync.errors import OutcomeUnknown
from sync.sap.documents import (
    Cash,
    CreditNoteRequest,
    RefundRequest,
    find_credit_note,
    find_refund,
    get_credit_note,
    get_invoice,
    post_credit_note,
    post_invoice,
    post_payment,
    post_refund,
)
from sync.sap.errors import FieldTooLong, Kind, RequestInvalid, SapRejected


def credit(make: Any, key: str = "cn-1", *lines: Any, **more: Any) -> CreditNoteRequest:
    values = {"card_code": "C0001", "doc_date": make.day, "num_at_card": f"CN-{key}"} | more
    return CreditNoteRequest(key=key, lines=lines or (make.line(),), **values)


def refund(make: Any, entry: int, amount: str, reference: str = "RF-1", **more: Any) -> Any:
    values: dict[str, Any] = {
        "card_code": "C0001",
        "doc_date": make.day,
        "credit_entry": entry,
        "credit_currency": None,
        "applied": Decimal(amount),
        "cash": Cash("1110", Decimal(amount)),
    }
    return RefundRequest(reference=reference, **(values | more))


def refusal(call: Any, *arguments: Any) -> SapRejected:
    with pytest.raises(SapRejected) as caught:
        call(*arguments)
    return caught.value


def documents(world: Any, set_name: str) -> list[Any]:
    return [row for row in world.core.ledger()["documents"] if row["set"] == set_name]


def test_a_credit_note_on_an_open_invoice_settles_it(world: Any, make: Any) -> None:
    lines = (make.milk("3", ("B1", "3")), make.line("BREAD", "4"))
    invoice = post_invoice(world.sl, make.invoice("k-1", *lines))
    back = replace(make.milk("2", ("B1", "2")), base_line=0)
    request = credit(make, "cn-1", back, invoice_entry=invoice.doc_entry, is_based=True)
    assert find_credit_note(world.sl, "cn-1") is None
    posted = post_credit_note(world.sl, request)
    assert (posted.doc_total, posted.vat_sum, posted.status) == (
        Decimal("3.98"),
        Decimal("0.53"),
        "closed",
    )
    assert find_credit_note(world.sl, "cn-1") == posted
    left = get_invoice(world.sl, invoice.doc_entry)
    assert left is not None
    assert (left.status, left.open_amount) == ("open", invoice.doc_total - Decimal("3.98"))
    [document] = documents(world, "CreditNotes")
    assert document["U_Van_saleorder"] == "cn-1"
    assert document["NumAtCard"] == "CN-cn-1"
    assert document["moves"] == [{"item": "MILK1", "warehouse": "SHOP1", "quantity": "2"}]
    line = document["DocumentLines"][0]
    assert (line["BaseType"], line["BaseEntry"], line["BaseLine"]) == (13, invoice.doc_entry, 0)
    assert world.core.books.batch_stock[1]["SHOP1"] == 4


def test_the_last_credit_closes_the_invoice_and_no_more_comes_back(world: Any, make: Any) -> None:
    invoice = post_invoice(world.sl, make.invoice("k-1", make.line("BREAD", "4")))
    one = replace(make.line("BREAD", "3"), base_line=0)
    based = {"invoice_entry": invoice.doc_entry, "is_based": True}
    post_credit_note(world.sl, credit(make, "cn-1", one, **based))
    more = credit(make, "cn-2", replace(one, quantity=Decimal(2)), **based)
    assert refusal(post_credit_note, world.sl, more).code == "-5002"
    rest = replace(one, quantity=Decimal(1))
    post_credit_note(world.sl, credit(make, "cn-3", rest, **based))
    closed = get_invoice(world.sl, invoice.doc_entry)
    assert closed is not None
    assert (closed.status, closed.open_amount) == ("closed", 0)
    assert world.core.books.on_hand("BREAD", "SHOP1") == 10
    assert world.core.ledger()["balances"]["C0001"] in {"0", "0.00"}


def test_a_paid_invoice_is_no_base_and_the_credit_note_stands_alone(world: Any, make: Any) -> None:
    invoice = post_invoice(world.sl, make.invoice("k-1", make.line("BREAD", "4")))
    post_payment(world.sl, make.payment(invoice, "4.00"))
    line = replace(make.line("BREAD", "1"), base_line=0)
    request = credit(make, "cn-1", line, invoice_entry=invoice.doc_entry, is_based=True)
    assert refusal(post_credit_note, world.sl, request).kind is Kind.BASE_CLOSED
    posted = post_credit_note(world.sl, replace(request, is_based=False))
    assert (posted.status, posted.open_amount) == ("open", 1)
    [document] = documents(world, "CreditNotes")
    [reference] = document["DocumentReferences"]
    assert reference == {"RefDocEntr": invoice.doc_entry, "RefObjType": "rot_SalesInvoice"}
    assert world.core.books.on_hand("BREAD", "SHOP1") == 7


def test_a_refund_pays_a_credit_note_out_once(world: Any, make: Any) -> None:
    note = post_credit_note(world.sl, credit(make, "cn-1", make.line("BREAD", "2")))
    request = refund(make, note.doc_entry, "2.00")
    assert find_refund(world.sl, request) is None
    paid = post_refund(world.sl, request)
    assert paid.doc_total == 2
    assert find_refund(world.sl, request) == paid
    closed = get_credit_note(world.sl, note.doc_entry)
    assert closed is not None
    assert (closed.status, closed.open_amount) == ("closed", 0)
    again = refund(make, note.doc_entry, "2.00", "RF-2")
    assert refusal(post_refund, world.sl, again).kind is Kind.SETTLED
    assert find_refund(world.sl, again) is None
    [document] = documents(world, "VendorPayments")
    assert (document["DocType"], document["Remarks"], document["CashSum"]) == (
        "rCustomer",
        "RF-1",
        "2.00",
    )
    assert world.core.ledger()["balances"]["C0001"] == "0.00"
    assert world.core.ledger()["payments"] == []


def test_a_foreign_credit_note_is_paid_out_in_its_own_currency(world: Any, make: Any) -> None:
    note = post_credit_note(
        world.sl, credit(make, "cn-1", make.line(price="26.70"), currency="ZiG")
    )
    assert (note.amount, note.currency) == (Decimal("26.70"), "ZiG")
    cash = Cash("1111", Decimal("26.70"))
    request = refund(
        make, note.doc_entry, "26.70", credit_currency="ZiG", currency="ZiG", cash=cash
    )
    post_refund(world.sl, request)
    closed = get_credit_note(world.sl, note.doc_entry)
    assert closed is not None
    assert (closed.status, closed.open_amount) == ("closed", 0)


def test_l01_a_lost_credit_note_and_a_lost_refund_are_found_not_repeated(
    world: Any, make: Any
) -> None:
    world.arm("commit_then_drop", "POST CreditNotes")
    with pytest.raises(OutcomeUnknown):
        post_credit_note(world.sl, credit(make, "cn-1"))
    note = find_credit_note(world.sl, "cn-1")
    assert note is not None
    request = refund(make, note.doc_entry, "1.00")
    world.arm("commit_then_502", "POST VendorPayments")
    with pytest.raises(OutcomeUnknown):
        post_refund(world.sl, request)
    found = find_refund(world.sl, request)
    assert found is not None
    assert found.doc_total == 1
    assert len(documents(world, "VendorPayments")) == len(documents(world, "CreditNotes")) == 1


def test_a_cancelled_refund_and_credit_note_leave_things_as_they_were(
    world: Any, make: Any
) -> None:
    invoice = post_invoice(world.sl, make.invoice("k-1", make.line("BREAD", "4")))
    line = replace(make.line("BREAD", "1"), base_line=0)
    based = credit(make, "cn-1", line, invoice_entry=invoice.doc_entry, is_based=True)
    note = post_credit_note(world.sl, based)
    world.sl.post(f"CreditNotes({note.doc_entry})/Cancel")
    again = get_invoice(world.sl, invoice.doc_entry)
    assert again is not None
    assert (again.status, again.open_amount) == ("open", 4)
    assert world.core.books.on_hand("BREAD", "SHOP1") == 6
    post_credit_note(world.sl, replace(based, key="cn-2"))
    alone = post_credit_note(world.sl, credit(make, "cn-3"))
    request = refund(make, alone.doc_entry, "1.00")
    paid = post_refund(world.sl, request)
    world.sl.post(f"VendorPayments({paid.doc_entry})/Cancel")
    assert find_refund(world.sl, request) is None
    opened = get_credit_note(world.sl, alone.doc_entry)
    assert opened is not None
    assert (opened.status, opened.open_amount) == ("open", 1)


def test_a_correction_of_the_price_alone_moves_no_goods(world: Any, make: Any) -> None:
    line = replace(make.line("MILK1", "3", "0.10"), moves_goods=False)
    posted = post_credit_note(world.sl, credit(make, "cn-1", line))
    assert posted.doc_total == Decimal("0.30")
    [document] = documents(world, "CreditNotes")
    assert document["moves"] == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"key": "k" * 101}, FieldTooLong),
        ({"num_at_card": "n" * 101}, FieldTooLong),
        ({"lines": ()}, RequestInvalid),
        ({"is_based": True}, RequestInvalid),
        ({"is_based": True, "invoice_entry": 1}, RequestInvalid),
    ],
)
def test_a_credit_note_that_can_never_be_posted_is_not_sent(
    local: Any, make: Any, change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        post_credit_note(local.sl, replace(credit(make, "cn-1"), **change))
    assert local.gate.log.rows() == []


def test_a_refund_of_nothing_or_more_than_the_credit_is_refused(local: Any, make: Any) -> None:
    note = post_credit_note(local.sl, credit(make, "cn-1"))
    before = len(local.gate.log.rows())
    for wrong in (
        refund(make, note.doc_entry, "0"),
        refund(make, note.doc_entry, "1.00", "r" * 255),
    ):
        with pytest.raises(RequestInvalid):
            post_refund(local.sl, wrong)
    assert len(local.gate.log.rows()) == before
    assert refusal(post_refund, local.sl, refund(make, note.doc_entry, "1.01")).code == "-5002"
    stranger = refund(make, note.doc_entry, "1.00", card_code="C0003")
    assert refusal(post_refund, local.sl, stranger).code == "-5002"


def test_the_simulator_takes_what_a_based_line_leaves_out_from_its_base(
    local: Any, make: Any
) -> None:
    invoice = post_invoice(local.sl, make.invoice("k-1", make.line("BREAD", "3", "0.99")))
    line = {"BaseType": 13, "BaseEntry": invoice.doc_entry, "BaseLine": 0, "Quantity": 2}
    body = {"CardCode": "C0001", "DocDate": "2026-08-20", "DocumentLines": [line]}
    answer = local.sl.post("CreditNotes", body)
    assert answer["DocTotal"] == Decimal("1.98")
    assert answer["DocumentLines"][0]["ItemCode"] == "BREAD"
    for wrong in ({"BaseLine": 7}, {"BaseEntry": 99}, {"BaseType": 17}, {"ItemCode": "SUGAR"}):
        broken = body | {"DocumentLines": [line | wrong]}
        assert refusal(local.sl.post, "CreditNotes", broken).code in {"-2028", "-5002"}
    unsaid = {"CardCode": "C0001", "CashSum": 1, "CashAccount": "1110"}
    assert refusal(local.sl.post, "VendorPayments", unsaid).code == "-5002"
