from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sync.errors import OutcomeUnknown, Unavailable
from sync.sap.approval import find_draft
from sync.sap.documents import (
    CardSlip,
    Cash,
    InvoiceRequest,
    Transfer,
    find_invoice,
    find_payment,
    get_invoice,
    post_invoice,
    post_payment,
)
from sync.sap.errors import (
    AwaitingApproval,
    FieldTooLong,
    Kind,
    MoreThanOne,
    RequestInvalid,
    SapRejected,
)


def refusal(call: Any, *arguments: Any) -> SapRejected:
    with pytest.raises(SapRejected) as caught:
        call(*arguments)
    return caught.value


def test_an_invoice_is_posted_with_the_gross_total_of_its_lines(world: Any, make: Any) -> None:
    request = make.invoice(
        "k-1",
        make.milk("6", ("B1", "5"), ("B2", "1")),
        make.line("BREAD", "2.5", "0.99", costing_code="SHOP1"),
    )
    posted = post_invoice(world.sl, request)
    assert posted.doc_total == Decimal("14.42")
    assert posted.vat_sum == Decimal("1.60")
    assert (posted.status, posted.currency, posted.paid_to_date) == ("open", "USD", 0)
    assert posted.doc_num == posted.doc_entry + 100000
    assert find_invoice(world.sl, "k-1") == posted
    assert find_invoice(world.sl, "k-2") is None
    [document] = world.core.ledger()["invoices"]
    assert document["NumAtCard"] == "T01-k-1"
    assert document["DocDate"] == document["TaxDate"] == document["DocDueDate"] == "2026-08-20"
    assert {(move["item"], move["quantity"]) for move in document["moves"]} == {
        ("MILK1", "-6"),
        ("BREAD", "-2.5"),
    }


def test_l98_keys_with_quotes_and_signs_are_found(world: Any, make: Any) -> None:
    key = "o'k & 100% + /?=#"
    posted = post_invoice(world.sl, make.invoice(key))
    assert find_invoice(world.sl, key) == posted


def test_l01_a_reply_lost_after_commit_is_found_by_key(world: Any, make: Any) -> None:
    world.arm("commit_then_drop", "POST Invoices")
    with pytest.raises(OutcomeUnknown):
        post_invoice(world.sl, make.invoice("k-1", make.line("BREAD", "10")))
    # The stock is gone, so posting again would be refused for the wrong reason.
    found = find_invoice(world.sl, "k-1")
    assert found is not None
    assert world.keys() == ["k-1"]
    assert world.calls("POST Invoices") == ["dropped after 201"]
    again = refusal(post_invoice, world.sl, make.invoice("k-2", make.line("BREAD", "10")))
    assert again.kind is Kind.WAITING_FOR_STOCK


def test_l22_two_invoices_under_one_key_are_an_alarm(world: Any, make: Any) -> None:
    post_invoice(world.sl, make.invoice("k-1"))
    post_invoice(world.sl, make.invoice("k-1"))
    error = refusal(find_invoice, world.sl, "k-1")
    assert isinstance(error, MoreThanOne)
    assert error.entries == (2, 1)


def test_a_cancelled_invoice_is_not_found_and_its_goods_are_back(world: Any, make: Any) -> None:
    posted = post_invoice(world.sl, make.invoice("k-1", make.milk("2", ("B1", "2"))))
    world.sl.post(f"Invoices({posted.doc_entry})/Cancel")
    assert find_invoice(world.sl, "k-1") is None
    cancelled = get_invoice(world.sl, posted.doc_entry)
    assert cancelled is not None
    assert cancelled.cancelled
    assert world.core.books.on_hand("MILK1", "SHOP1") == 19
    assert get_invoice(world.sl, 4711) is None


def test_the_key_field_is_a_setting(world: Any, make: Any) -> None:
    sl = world.client(key_field="U_OrderNumber")
    post_invoice(sl, make.invoice("k-1"))
    assert find_invoice(sl, "k-1") is not None
    assert find_invoice(world.sl, "k-1") is None
    missing = world.client(key_field="U_NotThere")
    assert refusal(post_invoice, missing, make.invoice("k-2")).kind is Kind.PERMANENT
    assert refusal(find_invoice, missing, "k-2").code == "201"


@pytest.mark.parametrize(
    ("change", "code", "kind"),
    [
        ({"card_code": "C0404"}, "-2028", Kind.MISSING),
        ({"card_code": "C0009"}, "-5002", Kind.REFUSED),
        ({"card_code": "V0001"}, "-5002", Kind.REFUSED),
        ({"currency": "ZWL"}, "-2028", Kind.MISSING),
        ({"currency": "ZiG", "doc_date": date(2026, 8, 21)}, "-4006", Kind.WAITING_FOR_RATE),
        ({"card_code": "C0003", "currency": "ZiG"}, "-5002", Kind.REFUSED),
    ],
)
def test_a_header_sap_would_refuse(
    world: Any, make: Any, change: dict[str, Any], code: str, kind: Kind
) -> None:
    error = refusal(post_invoice, world.sl, make.invoice("k-1", **change))
    assert (error.code, error.kind) == (code, kind)
    assert world.keys() == []


@pytest.mark.parametrize(
    ("change", "code", "kind"),
    [
        ({"item": "NOPE"}, "-2028", Kind.MISSING),
        ({"item": "OLDIE"}, "-5002", Kind.REFUSED),
        ({"quantity": "11"}, "-10", Kind.WAITING_FOR_STOCK),
        ({"warehouse": "NOWHERE"}, "-2028", Kind.MISSING),
        ({"warehouse": "SHUT"}, "-5002", Kind.REFUSED),
        ({"vat_group": "X9"}, "-2028", Kind.MISSING),
        ({"vat_group": "OLD"}, "-5002", Kind.REFUSED),
        ({"costing_code": "GONE"}, "-5002", Kind.REFUSED),
        ({"item": "MILK1"}, "-4014", Kind.REFUSED),
    ],
)
def test_a_line_sap_would_refuse(
    world: Any, make: Any, change: dict[str, Any], code: str, kind: Kind
) -> None:
    error = refusal(post_invoice, world.sl, make.invoice("k-1", make.line(**change)))
    assert (error.code, error.kind) == (code, kind)
    assert world.keys() == []


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([("6", ("B1", "6"))], "-5002"),
        ([("1", ("B9", "1"))], "-5002"),
        ([("1", ("B3", "1"))], "-5002"),
        ([("3", ("B1", "3")), ("3", ("B1", "3"))], "-5002"),
        ([("6", ("B1", "5"), ("B2", "1")), ("5", ("B2", "5"))], "-5002"),
    ],
)
def test_l43_batches_are_counted_over_the_whole_document(
    local: Any, make: Any, lines: list[Any], code: str
) -> None:
    request = make.invoice("k-1", *(make.milk(quantity, *picks) for quantity, *picks in lines))
    assert refusal(post_invoice, local.sl, request).code == code
    assert local.core.books.on_hand("MILK1", "SHOP1") == 19


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"key": "k" * 101}, FieldTooLong),
        ({"num_at_card": "n" * 101}, FieldTooLong),
        ({"comments": "c" * 255}, FieldTooLong),
        ({"card_code": "C" * 16}, FieldTooLong),
        ({"currency": "ZWLX"}, FieldTooLong),
        ({"lines": ()}, RequestInvalid),
    ],
)
def test_what_can_never_be_posted_is_not_sent(
    world: Any, make: Any, change: dict[str, Any], error: type[Exception]
) -> None:
    values = {"key": "k-1", "lines": (make.line(),), "card_code": "C0001", "num_at_card": "x"}
    with pytest.raises(error):
        post_invoice(world.sl, InvoiceRequest(doc_date=make.day, **(values | change)))
    assert world.gate.log.rows() == []


@pytest.mark.parametrize(
    "bad",
    [
        {"quantity": "0"},
        {"quantity": "-1"},
        {"warehouse": "W" * 9},
        {"costing_code": "C" * 9},
        {"vat_group": "V" * 9},
    ],
)
def test_bad_lines_are_not_sent(local: Any, make: Any, bad: dict[str, Any]) -> None:
    with pytest.raises(RequestInvalid):
        post_invoice(local.sl, make.invoice("k-1", make.line("BREAD", **bad)))
    for picks in ([("B1", "2")], [("B1", "2"), ("B1", "1")], [("B" * 37, "3")]):
        with pytest.raises(RequestInvalid):
            post_invoice(local.sl, make.invoice("k-1", make.milk("3", *picks)))
    assert local.gate.log.rows() == []


def test_a_foreign_invoice_carries_both_totals(world: Any, make: Any) -> None:
    lines = [make.milk("1", ("B1", "1"), price="53.30"), make.line("BREAD", "3", "26.70")]
    posted = post_invoice(world.sl, make.invoice("k-1", *lines, currency="ZiG"))
    assert posted.doc_total_fc == posted.amount == Decimal("133.40")
    assert posted.doc_total == Decimal("5.34")
    assert posted.currency == "ZiG"
    own = post_invoice(world.sl, make.invoice("k-2", currency="ZiG", rate=Decimal(20)))
    assert own.doc_total == Decimal("0.05")


def test_a_rounding_difference_and_a_given_line_total_are_kept(world: Any, make: Any) -> None:
    rounded = post_invoice(world.sl, make.invoice("k-1", rounding=Decimal("-0.01")))
    assert rounded.doc_total == Decimal("0.99")
    given = make.line("BREAD", "3", "0.333333", gross_total=Decimal("1.00"))
    assert post_invoice(world.sl, make.invoice("k-2", given)).doc_total == Decimal("1.00")
    wild = make.invoice("k-3", rounding=Decimal("1.01"))
    assert refusal(post_invoice, world.sl, wild).code == "-5002"


def test_l19_a_payment_closes_its_invoice_and_a_second_one_is_refused(
    world: Any, make: Any
) -> None:
    posted = post_invoice(world.sl, make.invoice("k-1", make.line("BREAD", "3")))
    first = make.payment(posted, "1.00", "T01-1/a")
    rest = make.payment(
        posted, "2.00", "T01-1/b", transfer=Transfer("1120", Decimal("2.00"), "EC-7")
    )
    assert find_payment(world.sl, first) is None
    post_payment(world.sl, first)
    part = get_invoice(world.sl, posted.doc_entry)
    assert part is not None
    assert (part.status, part.paid_to_date, part.open_amount) == ("open", 1, 2)
    booked = post_payment(world.sl, rest)
    assert booked.doc_total == Decimal("2.00")
    paid = get_invoice(world.sl, posted.doc_entry)
    assert paid is not None
    assert (paid.status, paid.paid_to_date) == ("closed", 3)
    again = refusal(post_payment, world.sl, make.payment(posted, "1.00", "T01-1/c"))
    assert again.kind is Kind.SETTLED
    assert find_payment(world.sl, rest) == booked
    assert find_payment(world.sl, make.payment(posted, "1.00", "T01-1/c")) is None
    payments = world.core.ledger()["payments"]
    assert [row["PaymentInvoices"][0]["SumApplied"] for row in payments] == ["1.00", "2.00"]


def test_l19_a_lost_payment_is_found_by_its_reference_only(world: Any, make: Any) -> None:
    posted = post_invoice(world.sl, make.invoice("k-1"))
    other = post_invoice(world.sl, make.invoice("k-2"))
    post_payment(world.sl, make.payment(other, "1.00", "T01-2/USD"))
    request = make.payment(posted, "1.00", "T01-1/USD")
    world.arm("commit_then_502", "POST IncomingPayments")
    with pytest.raises(OutcomeUnknown):
        post_payment(world.sl, request)
    found = find_payment(world.sl, request)
    assert found is not None
    assert found.doc_total == 1
    assert len(world.core.ledger()["payments"]) == 2


def test_a_payment_is_found_among_hundreds_of_the_day(local: Any, make: Any) -> None:
    sl = local.client(page_size=7)
    wanted = None
    for number in range(40):
        posted = post_invoice(sl, make.invoice(f"k-{number}", make.line("SUGAR")))
        request = make.payment(posted, "1.00", f"T01-{number}/USD")
        post_payment(sl, request)
        wanted = request if number == 23 else wanted
    found = find_payment(sl, wanted)
    assert found is not None
    assert found.doc_entry == 24


def test_a_cancelled_payment_opens_the_invoice_again(world: Any, make: Any) -> None:
    posted = post_invoice(world.sl, make.invoice("k-1"))
    request = make.payment(posted, "1.00")
    booked = post_payment(world.sl, request)
    world.sl.post(f"IncomingPayments({booked.doc_entry})/Cancel")
    assert find_payment(world.sl, request) is None
    reopened = get_invoice(world.sl, posted.doc_entry)
    assert reopened is not None
    assert (reopened.status, reopened.paid_to_date) == ("open", 0)


def test_l20_a_foreign_invoice_is_paid_in_its_own_currency(world: Any, make: Any) -> None:
    posted = post_invoice(world.sl, make.invoice("k-1", make.line(price="26.70"), currency="ZiG"))
    request = make.payment(
        posted,
        "26.70",
        currency="ZiG",
        invoice_currency="ZiG",
        cash=Cash("1111", Decimal("26.70")),
    )
    post_payment(world.sl, request)
    paid = get_invoice(world.sl, posted.doc_entry)
    assert paid is not None
    assert (paid.status, paid.open_amount, paid.paid_to_date) == ("closed", 0, posted.doc_total)


def test_l20_one_payment_per_currency_closes_a_mixed_sale(world: Any, make: Any) -> None:
    posted = post_invoice(world.sl, make.invoice("k-1", make.line("BREAD", "10", "1.00")))
    dollars = make.payment(posted, "6.00", "T01-1/USD")
    gold = make.payment(
        posted, "4.00", "T01-1/ZIG", currency="ZiG", cash=Cash("1111", Decimal("100.00"))
    )
    post_payment(world.sl, dollars)
    post_payment(world.sl, gold)
    paid = get_invoice(world.sl, posted.doc_entry)
    assert paid is not None
    assert paid.status == "closed"
    found = find_payment(world.sl, gold)
    assert found is not None
    assert (found.currency, found.doc_total) == ("ZiG", 100)


def test_l67_a_card_payment_counts_as_means(world: Any, make: Any) -> None:
    posted = post_invoice(world.sl, make.invoice("k-1"))
    slip = CardSlip(
        credit_card=1, amount=Decimal("1.00"), voucher="A1", number="1234",
        valid_until=date(2027, 1, 31),
    )  # fmt: skip
    request = make.payment(posted, "1.00", cards=(slip,))
    assert post_payment(world.sl, request).doc_total == 1
    found = find_payment(world.sl, request)
    assert found is not None
    assert found.doc_total == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"applied": Decimal("1.01"), "cash": Cash("1110", Decimal(2))}, "-5002"),
        ({"cash": Cash("1110", Decimal("0.99"))}, "-5002"),
        ({"cash": Cash("4711", Decimal(1))}, "-5002"),
        ({"cash": Cash("1199", Decimal(1))}, "-5002"),
        ({"card_code": "C0002"}, "-5002"),
        ({"invoice_entry": 99}, "-2028"),
    ],
)
def test_a_payment_sap_would_refuse(
    world: Any, make: Any, change: dict[str, Any], code: str
) -> None:
    posted = post_invoice(world.sl, make.invoice("k-1"))
    request = make.payment(posted, "1.00", **({"cash": Cash("1110", Decimal(1))} | change))
    assert refusal(post_payment, world.sl, request).code == code
    assert world.core.ledger()["payments"] == []


def test_a_payment_of_nothing_or_with_long_references_is_not_sent(local: Any, make: Any) -> None:
    posted = post_invoice(local.sl, make.invoice("k-1"))
    before = len(local.gate.log.rows())
    for request in (
        make.payment(posted, "1.00", cash=Cash("1110", Decimal(0))),
        make.payment(posted, "0"),
        make.payment(posted, "1.00", "r" * 255),
        make.payment(posted, "1.00", counter_reference="123456789"),
        make.payment(posted, "1.00", transfer=Transfer("1120", Decimal(1), "x" * 28)),
    ):
        with pytest.raises(RequestInvalid):
            post_payment(local.sl, request)
    assert len(local.gate.log.rows()) == before


def test_l57_an_approval_procedure_makes_one_draft_and_says_so(world: Any, make: Any) -> None:
    world.core.change_company({"approval": ["Invoices"]})
    with pytest.raises(AwaitingApproval) as caught:
        post_invoice(world.sl, make.invoice("k-1"))
    assert caught.value.kind is Kind.WAITING_FOR_APPROVAL
    draft = find_draft(world.sl, "Invoices", "k-1")
    assert draft is not None
    assert draft.doc_entry == caught.value.draft_entry
    assert find_invoice(world.sl, "k-1") is None
    assert world.core.books.on_hand("BREAD", "SHOP1") == 10
    document = {"Document": {"DocEntry": draft.doc_entry}}
    world.sl.post("DraftsService_SaveDraftToDocument", document)
    assert find_invoice(world.sl, "k-1") is not None
    assert world.core.books.on_hand("BREAD", "SHOP1") == 9


def test_a_draft_that_cannot_be_looked_for_leaves_the_outcome_unknown(
    world: Any, make: Any
) -> None:
    world.core.change_company({"approval": ["Invoices"]})
    world.arm("lookup_fails", "GET Drafts", times=9)
    with pytest.raises(OutcomeUnknown):
        post_invoice(world.sl, make.invoice("k-1"))


def test_l56_a_closed_period_waits_and_resumes(world: Any, make: Any) -> None:
    closed = [{"from": "2026-08-01", "to": "2026-08-31", "open": False}]
    world.core.change_company({"periods": closed})
    error = refusal(post_invoice, world.sl, make.invoice("k-1"))
    assert error.kind is Kind.WAITING_FOR_PERIOD
    world.core.change_company({"periods": [closed[0] | {"open": True}]})
    assert post_invoice(world.sl, make.invoice("k-1")).doc_entry == 1


def test_a_rule_of_the_company_is_shown_verbatim(world: Any, make: Any) -> None:
    world.core.change_company({"refuse": {"Invoices": "(88) No sales to this customer"}})
    error = refusal(post_invoice, world.sl, make.invoice("k-1"))
    assert (error.code, error.text) == ("-1116", "(88) No sales to this customer")


def test_an_answer_without_totals_is_no_success(make: Any, local: Any) -> None:
    local.arm("truncate_json", "POST Invoices")
    with pytest.raises(OutcomeUnknown):
        post_invoice(local.sl, make.invoice("k-1"))
    assert find_invoice(local.sl, "k-1") is not None


def test_l02_could_not_ask_is_not_a_no(world: Any, make: Any) -> None:
    post_invoice(world.sl, make.invoice("k-1"))
    world.arm("lookup_fails", "GET Invoices", times=3)
    with pytest.raises(Unavailable):
        find_invoice(world.sl, "k-1")
    world.arm("lookup_fails", "GET Invoices", code=-1000, message="broken guard")
    assert refusal(find_invoice, world.sl, "k-1").text == "broken guard"
    assert find_invoice(world.sl, "k-1") is not None
