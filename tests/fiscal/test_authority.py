"""The authority behind the box: every validation code, the chain, and the closing of a day."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fiscal.amount import included_tax, line_total
from fiscal.chain import Counter, CounterType, TaxRow, day_text, hash_of, receipt_text
from fiscal.signing import is_signed, seeded_signer
from fiscal.simulator.authority.case import Colour
from fiscal.simulator.authority.day_rules import Closing
from fiscal.simulator.authority.facts import (
    GatewaySettings,
    KnownCurrency,
    KnownTax,
    Taxpayer,
)
from fiscal.simulator.authority.gateway import Gateway, GatewayRefused, Unreachable
from fiscal.simulator.authority.register import counters_of
from fiscal.simulator.authority.verdict import COLOURS
from fiscal.simulator.counters import Counters
from fiscal.simulator.journal import FileJournal
from fiscal.simulator.receipt import FiledLine, FiledPayment, Original, Receipt
from tests.fiscal.samples import VirtualClock

DEVICE, SISTER, STRANGER = "99001", "99002", "70000"
OPENED = "2026-10-05T08:00:00"
SIGNER = seeded_signer("device")
TAXPAYER = Taxpayer(
    tin="2000123456",
    vat_number="220123456",
    taxes=(
        KnownTax(id=515, percent=Decimal("15.5"), valid_from=date(2026, 1, 1)),
        KnownTax(id=3, percent=Decimal(15), valid_till=date(2025, 12, 31)),
        KnownTax(id=2, percent=Decimal(0)),
        KnownTax(id=1, percent=None),
    ),
    currencies=(
        KnownCurrency(code="USD"),
        KnownCurrency(code="ZWG"),
        KnownCurrency(code="ZWL", valid_till=date(2024, 8, 31)),
    ),
)
RATES = {515: Decimal("15.5"), 3: Decimal(15), 2: Decimal(0), 1: None}


def line(price: str = "1.50", quantity: str = "2", tax_id: int = 515, **more: Any) -> FiledLine:
    exact, count = Decimal(price), Decimal(quantity)
    made = FiledLine(
        number=1,
        code="P",
        name="Bread roll",
        quantity=count,
        price=exact,
        total=line_total(count, exact),
        tax_id=tax_id,
        tax_code="A",
        tax_percent=RATES[tax_id],
        hs_code="19059090",
    )
    return replace(made, **more)


def tax(row: FiledLine, **more: Any) -> TaxRow:
    amount = included_tax(row.total, row.tax_percent)
    made = TaxRow(
        tax_id=row.tax_id,
        code=row.tax_code,
        percent=row.tax_percent,
        tax=amount,
        sales=row.total,
    )
    return replace(made, **more)


def signed(receipt: Receipt, device: str = DEVICE) -> Receipt:
    """The receipt with hash and signature over what it says."""
    text = receipt_text(
        device,
        receipt.type,
        currency=receipt.currency,
        global_no=receipt.receipt_global_no,
        date_text=receipt.date,
        total=receipt.total,
        taxes=receipt.taxes,
        previous_hash=receipt.previous_hash,
    )
    signature = base64.b64encode(SIGNER.sign(text)).decode()
    return replace(receipt, text=text, hash=hash_of(text), signature=signature)


def make(number: int = 1, /, *, previous: Receipt | None = None, **more: Any) -> Receipt:
    """A receipt with nothing wrong, or what is left of it after the changes."""
    row = line()
    values: dict[str, Any] = {
        "number": f"T-{number:03d}",
        "type": "FiscalInvoice",
        "currency": "USD",
        "total": row.total,
        "tax": Decimal("0.40"),
        "amount_sent": row.total,
        "paid_sent": row.total,
        "lines": (row,),
        "taxes": (tax(row),),
        "payments": (FiledPayment(money_type="Cash", amount=row.total),),
        "buyer": None,
        "cashier": "rudo",
        "comment": "Counter sale",
        "original": None,
        "receipt_global_no": number,
        "receipt_counter": number,
        "fiscal_day": 1,
        "date": f"2026-10-05T08:{number:02d}:00",
        "filed_at": f"2026-10-05T08:{number:02d}:00",
        "text": "",
        "hash": "",
        "previous_hash": previous.hash if previous else "",
        "signature": "",
        "qr": "",
        "verification_code": "",
    }
    return signed(Receipt(**(values | more)))


def of_line(row: FiledLine, number: int = 1, **more: Any) -> Receipt:
    """A receipt of one line and everything that follows from it."""
    values = {
        "lines": (row,),
        "taxes": (tax(row),),
        "total": row.total,
        "payments": (FiledPayment(money_type="Cash", amount=row.total),),
    }
    return make(number, **(values | more))


def note(number: int, original: Receipt, /, *, price: str = "-1.50", **more: Any) -> Receipt:
    """A credit note about a receipt of the first device."""
    reference = Original(
        device_id=DEVICE,
        receipt_global_no=original.receipt_global_no,
        fiscal_day=original.fiscal_day,
        number=original.number,
    )
    values = {"type": "CreditNote", "original": reference, "previous_hash": original.hash}
    return of_line(line(price), number, **(values | more))


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime.fromisoformat("2026-10-05T12:00:00+00:00"))


@pytest.fixture
def gateway(clock: VirtualClock) -> Gateway:
    return opened(Gateway(clock))


def opened(gateway: Gateway, **taxpayer: Any) -> Gateway:
    gateway.enrol(DEVICE, replace(TAXPAYER, **taxpayer), public_pem=SIGNER.public_pem, days=1096)
    gateway.open_day(DEVICE, 1, opened=OPENED)
    return gateway


def codes(gateway: Gateway, *receipts: Receipt) -> tuple[str, ...]:
    """What the last of these receipts is told."""
    return [gateway.submit(DEVICE, receipt) for receipt in receipts][-1].codes


def test_a_good_receipt_is_accepted_and_countersigned(gateway: Gateway) -> None:
    accepted = gateway.submit(DEVICE, make())
    assert (accepted.codes, accepted.colour, accepted.receipt_id) == ((), "", 1)
    text = f"{make().signature}1{accepted.server_date}"
    key = gateway.ledger()["public_key"]
    assert is_signed(text, base64.b64decode(accepted.signature), key)


WRONG: Mapping[str, Callable[[], Receipt]] = {
    "RCPT010": lambda: make(currency="ZIG"),
    "RCPT014": lambda: make(date=OPENED),
    "RCPT015": lambda: of_line(line("-1.50"), type="CreditNote"),
    "RCPT020": lambda: replace(make(), signature=base64.b64encode(b"nonsense").decode()),
    "RCPT022": lambda: of_line(line("0")),
    "RCPT031": lambda: make(date="2026-10-05T14:05:01"),
    "RCPT034": lambda: note(2, make(), comment=" "),
    "RCPT041": lambda: make(date="2026-10-06T08:00:01"),
    "RCPT043": lambda: make(buyer={"buyerRegisterName": "A buyer", "buyerTIN": ""}),
    "RCPT047": lambda: of_line(line(hs_code="")),
    "RCPT048": lambda: of_line(line(hs_code="190590")),
}


@pytest.mark.parametrize("code", WRONG)
def test_one_thing_wrong_has_one_code(clock: VirtualClock, code: str) -> None:
    gateway = opened(Gateway(clock))
    receipt = WRONG[code]()
    if receipt.receipt_global_no == 2:
        gateway.submit(DEVICE, make())
    if code == "RCPT041":
        clock.at += timedelta(days=1)
    accepted = gateway.submit(DEVICE, receipt)
    assert accepted.codes == (code,)
    yellow = {"RCPT014", "RCPT031", "RCPT041"}
    assert accepted.colour == (Colour.YELLOW if code in yellow else Colour.RED)


SEVERAL: Mapping[str, tuple[Callable[[], Receipt], str]] = {
    "RCPT016": (lambda: make(lines=()), "016 019 026 027"),
    "RCPT017": (lambda: make(taxes=()), "017 026 027 038"),
    "RCPT018": (lambda: make(payments=()), "018 039"),
    "RCPT019": (lambda: make(total=Decimal("3.01")), "019 038 039"),
    "RCPT023": (lambda: of_line(line(quantity="-2")), "023 028 040"),
    "RCPT024": (lambda: of_line(line(total=Decimal("3.01"))), "024"),
    "RCPT025": (lambda: of_line(replace(line(), tax_id=517)), "025"),
    "RCPT026": (lambda: make(taxes=(tax(line(), tax=Decimal("0.41")),)), "026"),
    "RCPT027": (lambda: make(taxes=(tax(line(), sales=Decimal("3.01")),)), "027 038"),
    "RCPT028": (lambda: make(payments=paid("-3")), "028 039"),
    "RCPT029": (lambda: make(original=note(2, make()).original), "029"),
    "RCPT037": (lambda: make(is_tax_inclusive=False), "026 027 037"),
    "RCPT038": (lambda: make(taxes=(tax(line(), sales=Decimal("2.99")),)), "027 038"),
    "RCPT039": (lambda: make(payments=paid("2")), "039"),
    "RCPT040": (lambda: of_line(line("-1.50")), "022 028 040"),
}


def paid(amount: str) -> tuple[FiledPayment, ...]:
    return (FiledPayment(money_type="Cash", amount=Decimal(amount)),)


@pytest.mark.parametrize("code", SEVERAL)
def test_what_can_hardly_be_wrong_alone(gateway: Gateway, code: str) -> None:
    wrong, expected = SEVERAL[code]
    found = codes(gateway, wrong())
    assert found == tuple(f"RCPT{number}" for number in expected.split())
    assert code in found


def test_every_documented_code_has_its_colour_and_a_test() -> None:
    known = {f"RCPT{number:03d}" for number in (*range(10, 44), 47, 48)}
    assert set(COLOURS) == known
    yellow = {code for code, colour in COLOURS.items() if colour is Colour.YELLOW}
    assert yellow == {"RCPT014", "RCPT031", "RCPT041"}
    elsewhere = {"RCPT011", "RCPT012", "RCPT013", "RCPT021", "RCPT030", "RCPT032", "RCPT033"}
    elsewhere |= {"RCPT035", "RCPT036", "RCPT042"}
    assert set(WRONG) | set(SEVERAL) | elsewhere == known


def test_numbers_and_dates_must_follow_the_receipt_before(clock: VirtualClock) -> None:
    first = make()
    for changes, expected in (
        ({"receipt_counter": 3}, ("RCPT011",)),
        ({"date": first.date}, ("RCPT030",)),
        ({"previous_hash": ""}, ("RCPT020",)),
        ({"receipt_counter": 1}, ("RCPT011",)),
    ):
        gateway = opened(Gateway(clock))
        assert codes(gateway, first, make(2, previous=first, **changes)) == expected  # type: ignore[arg-type]


def test_a_fork_of_the_chain_is_red(gateway: Gateway) -> None:
    first = make()
    second = make(2, previous=first)
    fork = make(2, previous=first, number="T-999", date="2026-10-05T08:05:00")
    assert "RCPT012" in codes(gateway, first, second, fork)


def test_numbers_may_start_anew_with_a_day_and_not_within_it(gateway: Gateway) -> None:
    first = make()
    anew = make(1, number="T-009", date="2026-10-05T08:30:00", previous=first, receipt_counter=2)
    assert codes(gateway, first, anew) == ("RCPT012",)


def test_a_new_day_begins_a_chain_and_may_begin_the_numbers(clock: VirtualClock) -> None:
    for number in (1, 2):
        gateway = opened(Gateway(clock))
        first = make()
        gateway.submit(DEVICE, first)
        close(gateway, first)
        gateway.open_day(DEVICE, 2, opened="2026-10-05T09:00:00")
        second = make(
            number, number="D2", fiscal_day=2, receipt_counter=1, date="2026-10-05T09:30:00"
        )
        assert codes(gateway, second) == ()


def test_a_gap_is_grey_and_heals_when_the_missing_receipt_comes(gateway: Gateway) -> None:
    first = make()
    second = make(2, previous=first)
    third = make(3, previous=second)
    fourth = make(4, previous=third, receipt_counter=9)
    gateway.submit(DEVICE, first)
    accepted = gateway.submit(DEVICE, third)
    assert (accepted.codes, accepted.colour) == ((), Colour.GREY)
    gateway.submit(DEVICE, fourth)
    begin(gateway, first, third, fourth)
    assert gateway.status(DEVICE).error == "MissingReceipts"
    gateway.submit(DEVICE, second)
    rows = {row["number"]: row for row in gateway.ledger()["devices"][DEVICE]["receipts"]}
    assert {name: row["colour"] for name, row in rows.items()} == {
        "T-001": "",
        "T-003": "",
        "T-004": "Red",
        "T-002": "",
    }
    assert rows["T-004"]["codes"] == ["RCPT011"]


def test_the_same_receipt_again_gets_the_same_answer(gateway: Gateway) -> None:
    first = gateway.submit(DEVICE, make())
    again = gateway.submit(DEVICE, make())
    assert again.operation_id != first.operation_id
    assert replace(again, operation_id="") == replace(first, operation_id="")
    assert len(gateway.ledger()["devices"][DEVICE]["receipts"]) == 1


def test_invoice_numbers_are_unique(gateway: Gateway) -> None:
    first = make()
    again = make(2, previous=first, number=first.number)
    assert codes(gateway, first, again) == ("RCPT013",)


def test_a_currency_ends_with_its_day(gateway: Gateway) -> None:
    assert codes(gateway, make(currency="ZWL")) == ("RCPT010",)


def test_a_taxpayer_without_vat_charges_none_and_needs_no_customs_code(
    clock: VirtualClock,
) -> None:
    gateway = opened(Gateway(clock), vat_number="")
    first = make()
    zero = of_line(line(tax_id=2, hs_code=""), 2, previous_hash=first.hash)
    assert codes(gateway, first) == ("RCPT021",)
    assert codes(gateway, zero) == ()


@pytest.mark.parametrize(
    ("tax_id", "hs_code", "vat", "wrong"),
    [
        (515, "1905", "220123456", False),
        (2, "1905", "220123456", True),
        (1, "1905", "220123456", True),
        (1, "19059090", "220123456", False),
        (2, "1905", "", False),
        (2, "19O5", "", True),
    ],
)
def test_lengths_of_customs_codes(
    clock: VirtualClock, tax_id: int, hs_code: str, vat: str, *, wrong: bool
) -> None:
    gateway = opened(Gateway(clock), vat_number=vat)
    found = codes(gateway, of_line(line(tax_id=tax_id, hs_code=hs_code)))
    assert found == (("RCPT048",) if wrong else ())


def test_discounts_count_the_other_way_round(gateway: Gateway) -> None:
    sale, off = line("3.00", "1"), line("-0.30", "1", type="Discount")
    total = sale.total + off.total
    row = tax(sale, sales=total, tax=included_tax(total, sale.tax_percent))
    paid = (FiledPayment(money_type="Card", amount=total),)
    good = make(lines=(sale, off), taxes=(row,), total=total, payments=paid)
    assert codes(gateway, good) == ()
    bad = of_line(line("0.30", "1", type="Discount"), 2, previous_hash=good.hash)
    assert codes(gateway, bad) == ("RCPT022",)


def test_a_receipt_without_tax_in_its_prices(gateway: Gateway) -> None:
    row = line("100.00", "1")
    added = tax(row, tax=Decimal("15.50"), sales=Decimal("115.50"))
    paid = (FiledPayment(money_type="Cash", amount=Decimal("115.50")),)
    good = make(
        lines=(row,),
        taxes=(added,),
        total=Decimal("115.50"),
        payments=paid,
        is_tax_inclusive=False,
    )
    assert codes(gateway, good) == ()


def test_exempt_is_not_zero(gateway: Gateway) -> None:
    assert codes(gateway, of_line(replace(line(tax_id=2), tax_percent=None))) == ("RCPT025",)


def test_taxes_hold_by_date(clock: VirtualClock) -> None:
    """15 % ends with 2025; the tax of a note may be asked for by its own date or its original's."""
    for is_by_original, expected in ((False, ("RCPT025",)), (True, ())):
        settings = GatewaySettings(are_notes_taxed_by_original=is_by_original)
        gateway = Gateway(clock, settings=settings)
        gateway.enrol(DEVICE, TAXPAYER, public_pem=SIGNER.public_pem, days=1096)
        gateway.open_day(DEVICE, 1, opened="2025-12-31T08:00:00")
        first = of_line(line(tax_id=3), date="2025-12-31T23:59:59")
        assert codes(gateway, first) == ()
        close(gateway, first)
        gateway.open_day(DEVICE, 2, opened="2026-01-02T08:00:00")
        late = of_line(
            line(tax_id=3),
            2,
            fiscal_day=2,
            receipt_counter=1,
            date="2026-01-02T09:00:00",
        )
        credit = note(
            3,
            first,
            fiscal_day=2,
            receipt_counter=2,
            date="2026-01-02T09:01:00",
            previous_hash=late.hash,
            **parts(line("-1.50", "1", tax_id=3)),
        )
        assert codes(gateway, late) == ("RCPT025",)
        assert codes(gateway, credit) == expected


def parts(row: FiledLine) -> dict[str, Any]:
    paid = (FiledPayment(money_type="Cash", amount=row.total),)
    return {"lines": (row,), "taxes": (tax(row),), "total": row.total, "payments": paid}


def test_notes_stay_within_their_original(gateway: Gateway) -> None:
    first = make()
    part = note(2, first, **parts(line("-1.00", "2")))
    over = note(3, first, previous_hash=part.hash, **parts(line("-1.01", "1")))
    assert codes(gateway, first, part) == ()
    assert codes(gateway, over) == ("RCPT035",)
    debit = note(4, first, type="DebitNote", previous_hash=over.hash, **parts(line("5", "1")))
    rest = note(5, first, previous_hash=debit.hash, **parts(line("-4.99", "1")))
    assert codes(gateway, debit) == ()
    assert codes(gateway, rest) == ()


def test_notes_carry_the_currency_and_the_taxes_of_their_original(gateway: Gateway) -> None:
    first = make()
    other = note(2, first, currency="ZWG", price="-1.00")
    zero = note(3, first, previous_hash=other.hash, **parts(line("-0.10", "1", tax_id=2)))
    assert codes(gateway, first, other) == ("RCPT042",)
    assert codes(gateway, zero) == ("RCPT036",)


def test_notes_about_unknown_and_strange_receipts(clock: VirtualClock) -> None:
    gateway = opened(Gateway(clock))
    nowhere = Original(device_id=DEVICE, receipt_global_no=77, fiscal_day=1, number="")
    assert codes(gateway, make(), note(2, make(), original=nowhere)) == ("RCPT032",)
    gateway.enrol(
        STRANGER, replace(TAXPAYER, tin="2000999999"), public_pem=SIGNER.public_pem, days=9
    )
    gateway.open_day(STRANGER, 1, opened=OPENED)
    gateway.submit(STRANGER, signed(make(), STRANGER))
    theirs = replace(nowhere, device_id=STRANGER, receipt_global_no=1)
    third = note(3, make(), original=theirs, previous_hash=note(2, make(), original=nowhere).hash)
    assert codes(gateway, third) == ("RCPT032",)


def test_a_note_about_a_sister_device_of_the_same_owner(gateway: Gateway) -> None:
    gateway.enrol(SISTER, TAXPAYER, public_pem=SIGNER.public_pem, days=9)
    gateway.open_day(SISTER, 1, opened=OPENED)
    gateway.submit(SISTER, signed(make(), SISTER))
    reference = Original(device_id=SISTER, receipt_global_no=1, fiscal_day=1, number="")
    assert codes(gateway, note(1, make(), original=reference, previous_hash="")) == ()


@pytest.mark.parametrize(
    ("at", "expected"),
    [("2027-10-05T08:01:00", ()), ("2027-10-05T08:01:01", ("RCPT033",))],
    ids=["to the second", "a second more"],
)
def test_notes_within_twelve_months(
    clock: VirtualClock, at: str, expected: tuple[str, ...]
) -> None:
    gateway = opened(Gateway(clock))
    first = make()
    gateway.submit(DEVICE, first)
    close(gateway, first)
    clock.at += timedelta(days=366)
    gateway.open_day(DEVICE, 2, opened="2027-10-05T08:00:00")
    late = note(2, first, fiscal_day=2, receipt_counter=1, date=at, previous_hash="")
    assert codes(gateway, late) == expected


def closing(*receipts: Receipt, day: int = 1, **more: Any) -> Closing:
    counters = tuple(Counters(receipts).rows())
    text = day_text(DEVICE, day, opened=date(2026, 10, 5), counters=more.get("counters", counters))
    if receipts and receipts[0].date.startswith("2025"):
        text = day_text(DEVICE, day, opened=date(2025, 12, 31), counters=counters)
    values: dict[str, Any] = {
        "fiscal_day": day,
        "counters": counters,
        "receipt_counter": len(receipts),
        "signature": base64.b64encode(SIGNER.sign(text)).decode(),
    }
    return Closing(**(values | more))


def begin(gateway: Gateway, *receipts: Receipt, **more: Any) -> None:
    gateway.close_day(DEVICE, closing(*receipts, **more))


def close(gateway: Gateway, *receipts: Receipt) -> None:
    begin(gateway, *receipts)
    assert gateway.status(DEVICE).status == "FiscalDayClosed"


def failure(gateway: Gateway, *receipts: Receipt, **more: Any) -> str:
    begin(gateway, *receipts, **more)
    state = gateway.status(DEVICE)
    assert state.status == "FiscalDayCloseFailed"
    return state.error


def test_a_day_is_closed_and_countersigned(gateway: Gateway) -> None:
    gateway.submit(DEVICE, make())
    close(gateway, make())
    day = gateway.ledger()["devices"][DEVICE]["days"][0]
    assert day["reconciliation"] == "Auto"
    counters = "SALEBYTAXUSD15.50300SALETAXBYTAXUSD15.5040BALANCEBYMONEYTYPEUSDCASH300"
    own = closing(make()).signature
    assert day["text"] == f"9900112026-10-052026-10-05T14:00:00AUTO{counters}{own}"
    assert day["hash"] == hash_of(day["text"])
    key = gateway.ledger()["public_key"]
    assert is_signed(day["text"], base64.b64decode(day["signature"]), key)


def test_a_day_without_receipts_closes(gateway: Gateway) -> None:
    close(gateway)


def test_what_keeps_a_day_open_is_tested_in_order(gateway: Gateway) -> None:
    """Signature, then gaps, then red receipts, then counters; each hides the ones after it."""
    first = make()
    red = make(2, previous=first, currency="ZIG")
    fourth = make(4)
    for receipt in (first, red, fourth):
        gateway.submit(DEVICE, receipt)
    wrong = (Counter(type=CounterType.SALE_BY_TAX, currency="USD", value=Decimal(1)),)
    bad = base64.b64encode(b"nonsense").decode()
    rows = (first, red, fourth)
    found = failure(gateway, *rows, counters=wrong, signature=bad)
    assert found == "BadCertificateSignature"
    assert failure(gateway, *rows, counters=wrong) == "MissingReceipts"
    third = make(3, previous=red)
    gateway.submit(DEVICE, third)
    rows = (first, red, third, fourth)
    assert failure(gateway, *rows, counters=wrong) == "ReceiptsWithValidationErrors"
    gateway.close_by_hand(DEVICE)
    day = gateway.ledger()["devices"][DEVICE]["days"][0]
    assert (day["status"], day["reconciliation"]) == ("FiscalDayClosed", "Manual")
    assert day["text"].startswith("9900112026-10-052026-10-05T14:00:00MANUALSALEBYTAX")


def test_counters_that_do_not_follow_from_the_receipts(gateway: Gateway) -> None:
    gateway.submit(DEVICE, make())
    wrong = (Counter(type=CounterType.SALE_BY_TAX, currency="USD", value=Decimal(1)),)
    assert failure(gateway, make(), counters=wrong) == "CountersMismatch"
    second = make(2, previous=make())
    assert codes(gateway, second) == ()
    close(gateway, make(), second)


def test_a_receipt_that_never_came_is_missed_at_the_end_too(gateway: Gateway) -> None:
    gateway.submit(DEVICE, make())
    assert failure(gateway, make(), make(2, previous=make())) == "MissingReceipts"


def test_the_day_machine(clock: VirtualClock) -> None:
    gateway = opened(Gateway(clock, settings=GatewaySettings(closing_seconds=5)))
    with pytest.raises(GatewayRefused, match="FISC01"):
        gateway.open_day(DEVICE, 2, opened=OPENED)
    with pytest.raises(GatewayRefused, match="RCPT01"):
        gateway.submit(DEVICE, make(fiscal_day=2))
    begin(gateway)
    assert gateway.status(DEVICE).status == "FiscalDayCloseInitiated"
    for call in (lambda: begin(gateway), lambda: gateway.submit(DEVICE, make())):
        with pytest.raises(GatewayRefused, match=r"FISC03|RCPT01"):
            call()
    clock.at += timedelta(seconds=5)
    assert gateway.status(DEVICE).status == "FiscalDayClosed"
    with pytest.raises(GatewayRefused, match="FISC04"):
        begin(gateway)
    with pytest.raises(GatewayRefused, match="DEV01"):
        gateway.status("1")


def test_after_a_failed_closing_sales_go_on(gateway: Gateway) -> None:
    red = make(currency="ZIG")
    gateway.submit(DEVICE, red)
    assert failure(gateway, red) == "ReceiptsWithValidationErrors"
    assert codes(gateway, make(2, previous=red)) == ()


def test_the_last_receipt_is_the_one_with_the_latest_date(gateway: Gateway) -> None:
    first = make(date="2026-10-05T09:00:00")
    second = make(2, previous=first, date="2026-10-05T08:30:00")
    assert codes(gateway, first, second) == ("RCPT030",)
    assert gateway.status(DEVICE).last_global_no == 1


def test_without_a_network_or_a_certificate_nothing_arrives(
    gateway: Gateway, clock: VirtualClock
) -> None:
    gateway.reach(up=False)
    with pytest.raises(Unreachable):
        gateway.submit(DEVICE, make())
    gateway.reach(up=True)
    clock.at += timedelta(days=1097)
    with pytest.raises(GatewayRefused, match="401"):
        gateway.submit(DEVICE, make())
    gateway.certify(DEVICE, public_pem=SIGNER.public_pem, days=30)
    gateway.submit(DEVICE, make())


def test_the_books_come_back_from_their_file(tmp_path: Path, clock: VirtualClock) -> None:
    path = tmp_path / "authority.jsonl"
    gateway = opened(Gateway(clock, journal=FileJournal(path)))
    first = make()
    third = make(3, previous=make(2, previous=first))
    for receipt in (first, third):
        gateway.submit(DEVICE, receipt)
    begin(gateway, first)
    before = gateway.ledger()
    gateway.close()
    again = Gateway(clock, journal=FileJournal(path))
    again.enrol(DEVICE, TAXPAYER, public_pem=SIGNER.public_pem, days=1096)
    assert again.ledger() == before
    assert counters_of([]).rows() == []
    again.submit(DEVICE, make(2, previous=first))
    colours = [row["colour"] for row in again.ledger()["devices"][DEVICE]["receipts"]]
    assert colours == ["", "", ""]
    again.close()
