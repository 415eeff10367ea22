"""What a supervisor may do about a receipt in trouble: look, adopt, send again, write off."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.messages import ReceiptRequest
from fiscal.simulator.proof import violations
from pos_app.domain.fiscal import FiscalState, NotSettledSo
from pos_app.domain.limit import ApproverNotAllowed, ReasonMissing
from pos_app.domain.permission import PermissionMissing
from pos_app.errors import RecordNotFound
from pos_app.services import fiscal, fiscal_settle, status
from pos_app.services.fiscal_settle import Deed
from pos_app.services.sale import Posted
from pos_app.store import audit
from pos_app.store.engine import Store
from sandbox.fault import Fault
from tests import shops
from tests.counter import SUBMIT, Counter, counter

MANAGER, CASHIER = shops.actor("manager"), shops.actor()


@pytest.fixture
def till(sqlite_store: Store) -> Counter:
    return counter(sqlite_store)


@pytest.fixture
def any_till(store: Store) -> Counter:
    return counter(store)


def asked(till: Counter, sold: Posted) -> ReceiptRequest:
    return ReceiptRequest.from_json(till.row(sold)["request"])


def file_as(till: Counter, request: ReceiptRequest) -> None:
    Driver(DirectTransport(till.box, till.shop.clock)).submit(request)


def cheaper(request: ReceiptRequest) -> ReceiptRequest:
    """The same sale, two cents less: what a device makes of a price it rounds its own way."""
    (line,) = request.lines
    less = Decimal("1.97")
    return replace(
        request,
        lines=(replace(line, price=less, amount=less),),
        payments=(replace(request.payments[0], amount=less),),
        total=less,
        tax=Decimal("0.26"),
    )


def lost(till: Counter) -> Posted:
    """A receipt the device keeps losing: proven not filed, and a person's matter."""
    sold = till.sell("MILK")
    till.breaks("drop_before", SUBMIT, times=100)
    till.file_all()
    till.box.faults.replace([])
    assert till.state(sold) == "disputed"
    return sold


def refused(till: Counter) -> Posted:
    """A receipt the device does not take: it knows no tax with this id."""
    sold = till.sell("MILK")

    class Strict:
        def __getattr__(self, name: str) -> Any:
            return getattr(till.driver, name)

        def submit(self, request: ReceiptRequest) -> Any:
            lines = tuple(replace(line, tax_id="77") for line in request.lines)
            return till.driver.submit(replace(request, lines=lines))

    fiscal.work(till.shop, Strict())  # type: ignore[arg-type]
    assert till.state(sold) == "refused"
    return sold


def deeds(till: Counter, receipt: str) -> list[str]:
    with till.shop.store.read() as connection:
        return [row["action"] for row in audit.about(connection, receipt)]


def test_both_sides_are_shown_with_what_may_be_done(any_till: Counter) -> None:
    till = any_till
    sold = till.sell("MILK")
    file_as(till, cheaper(asked(till, sold)))
    till.file_all()
    (trouble,) = fiscal_settle.troubles(till.shop)
    assert (trouble.receipt, trouble.state) == (sold.receipt, FiscalState.DISPUTED)
    assert (trouble.asked.total, trouble.asked.currency) == (Decimal("1.99"), "USD")
    assert trouble.found is not None
    assert (trouble.found.total, trouble.found.is_same_sale) == (Decimal("1.97"), True)
    assert trouble.may == (Deed.LOOK_AGAIN, Deed.ADOPT, Deed.SEND_AGAIN)


def test_a_disputed_record_is_adopted_by_two_people_with_a_reason(any_till: Counter) -> None:
    till = any_till
    sold = till.sell("MILK")
    file_as(till, cheaper(asked(till, sold)))
    till.file_all()
    why = "the device rounded, compared with its list"
    for wrong in (CASHIER, shops.actor("second")):
        with pytest.raises(ApproverNotAllowed):
            fiscal_settle.adopt(till.shop, CASHIER, sold.receipt, reason=why, approver=wrong)
    with pytest.raises(ReasonMissing):
        fiscal_settle.adopt(till.shop, CASHIER, sold.receipt, reason="", approver=MANAGER)
    fiscal_settle.adopt(till.shop, CASHIER, sold.receipt, reason=why, approver=MANAGER)
    row = till.row(sold)
    assert (row["state"], row["receipt_global_no"]) == ("fiscalised", 1)
    assert row["qr"]
    assert len(till.jobs(sold)) == 1
    assert [told["kind"] for told in till.told(sold)] == ["fiscal", "fiscal"]
    assert deeds(till, sold.receipt)[-1] == "fiscal.adopt"
    assert fiscal_settle.troubles(till.shop) == ()
    second = till.sell("BREAD")
    till.file_all()
    assert till.state(second) == "fiscalised"


def test_another_sales_record_is_adopted_by_nobody(till: Counter) -> None:
    sold = till.sell("MILK")
    request = asked(till, sold)
    file_as(till, replace(request, comment="Till T01 receipt T01-000001 sale 0123456789ab"))
    till.file_all()
    (trouble,) = fiscal_settle.troubles(till.shop)
    assert trouble.found is not None
    assert trouble.found.is_same_sale is False
    with pytest.raises(NotSettledSo) as refusal:
        fiscal_settle.adopt(till.shop, CASHIER, sold.receipt, reason="same", approver=MANAGER)
    assert "another sale's" in refusal.value.sentence
    fiscal_settle.write_off(
        till.shop, MANAGER, sold.receipt, correction="T01-000002", reason="number used twice"
    )
    assert fiscal_settle.troubles(till.shop) == ()


def test_another_devices_record_is_adopted_by_nobody(till: Counter) -> None:
    sold = till.sell("MILK")
    till.box.faults.replace(
        [
            Fault(do="commit_then_silence", on=SUBMIT),
            Fault(do="foreign_receipt", on="GET GetInvoice"),
        ]
    )
    till.file_all()
    assert till.state(sold) == "disputed"
    with pytest.raises(NotSettledSo) as refusal:
        fiscal_settle.adopt(till.shop, CASHIER, sold.receipt, reason="same", approver=MANAGER)
    assert "another device's" in refusal.value.sentence
    fiscal_settle.look_again(till.shop, MANAGER, sold.receipt)
    till.file_all()
    assert till.state(sold) == "fiscalised", "the sister's answer was a mistake of the moment"
    assert till.calls(SUBMIT) == 1


def test_what_is_proven_missing_is_sent_again_under_its_number(till: Counter) -> None:
    sold = lost(till)
    fiscal_settle.send_again(till.shop, MANAGER, sold.receipt, reason="the cable was loose")
    assert till.state(sold) == "unknown", "looked up first"
    till.file_all()
    assert till.state(sold) == "fiscalised"
    assert till.filed() == [sold.receipt]
    assert violations(till.box.ledger()) == []


def test_what_turns_out_to_be_there_is_adopted_and_not_sent_again(till: Counter) -> None:
    sold = lost(till)
    file_as(till, asked(till, sold))
    before = till.calls(SUBMIT)
    fiscal_settle.send_again(till.shop, MANAGER, sold.receipt, reason="the cable was loose")
    till.file_all()
    assert till.state(sold) == "fiscalised"
    assert till.calls(SUBMIT) == before


def test_a_refused_receipt_goes_out_corrected(till: Counter) -> None:
    sold = refused(till)
    (trouble,) = fiscal_settle.troubles(till.shop)
    assert trouble.may == (Deed.SEND_AGAIN, Deed.WRITE_OFF)
    rules = till.shop.rules
    mapped = {**rules.taxes, "O1": replace(rules.taxes["O1"], tax_id="1")}
    till.shop = replace(till.shop, rules=replace(rules, taxes=mapped))
    with pytest.raises(ReasonMissing):
        fiscal_settle.send_again(till.shop, MANAGER, sold.receipt, reason=" ")
    fiscal_settle.send_again(till.shop, MANAGER, sold.receipt, reason="tax id corrected")
    assert till.row(sold)["digest"] == asked(till, sold).digest
    till.file_all()
    assert till.state(sold) == "fiscalised"
    assert till.filed() == [sold.receipt]
    assert deeds(till, sold.receipt) == ["sale.post", "fiscal.refuse", "fiscal.send_again"]


def test_a_correction_must_not_change_the_tax_the_customer_was_told(till: Counter) -> None:
    sold = refused(till)
    rules = till.shop.rules
    other = {**rules.taxes, "O1": replace(rules.taxes["O1"], percent=Decimal(15))}
    till.shop = replace(till.shop, rules=replace(rules, taxes=other))
    with pytest.raises(NotSettledSo):
        fiscal_settle.send_again(till.shop, MANAGER, sold.receipt, reason="new rate")
    assert till.state(sold) == "refused"


def test_a_refused_receipt_is_left_to_its_correction(till: Counter) -> None:
    sold = refused(till)
    with pytest.raises(NotSettledSo):
        fiscal_settle.write_off(till.shop, MANAGER, sold.receipt, correction="", reason="x")
    fiscal_settle.write_off(
        till.shop, MANAGER, sold.receipt, correction="T01-000002", reason="sold anew"
    )
    assert fiscal_settle.troubles(till.shop) == ()
    assert status.status(till.shop).queues["fiscal"].waiting == 0
    with pytest.raises(NotSettledSo) as refusal:
        fiscal_settle.look_again(till.shop, MANAGER, sold.receipt)
    assert "T01-000002 has taken its place" in refusal.value.sentence


def test_what_may_be_on_the_device_is_not_written_off(till: Counter) -> None:
    sold = till.sell("MILK")
    till.breaks("power_cut_after_commit", SUBMIT, seconds=60)
    till.file()
    assert till.state(sold) == "unknown"
    with pytest.raises(NotSettledSo):
        fiscal_settle.write_off(
            till.shop, MANAGER, sold.receipt, correction="T01-000002", reason="tired of waiting"
        )
    with pytest.raises(NotSettledSo):
        fiscal_settle.send_again(till.shop, MANAGER, sold.receipt, reason="tired of waiting")
    with pytest.raises(NotSettledSo):
        fiscal_settle.adopt(till.shop, CASHIER, sold.receipt, reason="x", approver=MANAGER)


def test_looking_again_does_not_wait(till: Counter) -> None:
    sold = till.sell("MILK")
    till.breaks("power_cut_after_commit", SUBMIT, seconds=1)
    till.file()
    till.shop.clock.sleep(0.5)
    assert till.file().done == 0
    fiscal_settle.look_again(till.shop, MANAGER, sold.receipt)
    till.shop.clock.sleep(0.5)
    till.file()
    assert till.state(sold) == "fiscalised"


def test_a_cashier_settles_nothing_and_nobody_settles_what_is_not_there(till: Counter) -> None:
    sold = lost(till)
    with pytest.raises(PermissionMissing):
        fiscal_settle.look_again(till.shop, CASHIER, sold.receipt)
    with pytest.raises(PermissionMissing):
        fiscal_settle.send_again(till.shop, CASHIER, sold.receipt, reason="x")
    with pytest.raises(PermissionMissing):
        fiscal_settle.write_off(till.shop, CASHIER, sold.receipt, correction="x", reason="x")
    with pytest.raises(RecordNotFound):
        fiscal_settle.look_again(till.shop, MANAGER, "T01-999999")
    with pytest.raises(RecordNotFound):
        fiscal_settle.accept_found(till.shop, MANAGER, "T01-999999", reason="x")
    good = till.sell("BREAD")
    till.file_all()
    with pytest.raises(NotSettledSo):
        fiscal_settle.look_again(till.shop, MANAGER, good.receipt)
