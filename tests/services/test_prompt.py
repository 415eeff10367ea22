"""A till asks a customer's wallet: asked once, settled by reading, taken once, never lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pos_app.domain.charge import Matter
from pos_app.domain.money import Money
from pos_app.domain.permission import Role
from pos_app.domain.prompt import (
    PromptNotTakeable,
    PromptServerAway,
    PromptState,
    PromptUnpaid,
    PromptUnsettled,
    PromptUse,
    ReferenceUsed,
)
from pos_app.domain.shift import ShiftNotOpen
from pos_app.domain.tender import TenderTooHigh, TenderTooLow
from pos_app.errors import PosError
from pos_app.services import basket, hold, quick_sale, tender
from pos_app.services.charge import claimed, refund, review
from pos_app.services.charge import view as charges
from pos_app.services.check import invariants
from pos_app.services.local_remote import LocalRemote
from pos_app.services.prompt import ask, look, use, view, wait
from pos_app.services.quick_sale import WantedLine, WantedSale, WantedTender
from pos_app.services.sale import Posted
from pos_app.store import prompt as prompts
from pos_app.store.engine import Store
from sandbox.fault import Fault
from sync.errors import Unavailable
from tests import gateways, shops
from tests.wallet import Counter, opened

PHONE, NEVER, POOR = gateways.PHONE, gateways.NEVER, gateways.POOR


@pytest.fixture
def counter(
    sqlite_store: Store, sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Counter]:
    monkeypatch.setattr(wait, "PAUSE_SECONDS", 20)
    with opened(sqlite_store, sqlite_template, tmp_path) as made:
        yield made


def test_a_customer_pays_and_the_sale_takes_it_once(counter: Counter) -> None:
    made = counter.sale()
    prompt = counter.ask(made, phone="+263 77 123 4567")
    assert (prompt.state, prompt.phone) == (PromptState.WAITING, "263771234567")
    assert prompt.seconds_left(counter.till.clock.now()) == 300
    counter.wait()
    prompt = counter.after(prompt)
    assert (prompt.state, prompt.is_offered) == (PromptState.PAID, True)
    paid = view.tender_of(counter.till, prompt)
    posted = counter.post(made, paid)
    assert counter.after(prompt).used_by == posted.sale_id
    other = counter.sale()
    with pytest.raises(ReferenceUsed, match=posted.receipt):
        counter.post(other, paid)
    with pytest.raises(PromptNotTakeable, match="somebody's already"):
        counter.post(other, replace(paid, reference="another"))
    assert counter.booking(prompt) == claimed.WAITS
    counter.deliver()
    assert (counter.booking(prompt), counter.matters()) == (claimed.CLAIMED, [])
    counter.wait(7200)
    assert (counter.matters(), counter.asked()) == ([], 1)


@pytest.mark.parametrize(
    "said", ["0771234567", "771234567", "+263 77 123 4567", "263-771-234-567", "(077) 123.4567"]
)
def test_numbers_in_every_form(counter: Counter, said: str) -> None:
    assert counter.intend(counter.sale(), phone=said).phone == "263771234567"


@pytest.mark.parametrize("said", ["", "0242123456", "077123456", "07712345678", "+447700900123"])
def test_numbers_no_wallet_has_are_refused_before_anything_is_stored(
    counter: Counter, said: str
) -> None:
    with pytest.raises(PosError, match="no mobile number"):
        counter.intend(counter.sale(), phone=said)
    assert counter.asked() == 0


def test_a_refusal_leaves_the_sale_to_another_tender(counter: Counter) -> None:
    made = counter.sale()
    prompt = counter.ask(made, phone=POOR)
    assert (prompt.state, view.for_sale(counter.till, made.id)) == (PromptState.UNPAID, ())
    assert "Insufficient" in prompt.message
    counter.cash(made)
    counter.wait(3600)
    assert (counter.matters(), counter.after(prompt).use) == ([], PromptUse.NONE)


def test_time_runs_out_and_money_after_it_is_a_persons(counter: Counter) -> None:
    prompt = counter.ask(counter.sale(), phone=NEVER)
    counter.wait(361)
    assert counter.after(prompt).state is PromptState.UNPAID
    counter.office.sim.do("ecocash", prompt.id, "paid")
    counter.wait(120)
    assert (counter.matters(), counter.booking(prompt)) == ([Matter.LATE], claimed.PERSON)


@pytest.mark.parametrize("fault", ["reply", "delay", "request"])
def test_a_line_that_dies_after_sending_is_settled_by_reading(counter: Counter, fault: str) -> None:
    made = counter.sale()
    counter.line.fault = fault
    prompt = counter.ask(made)
    assert prompt.state is PromptState.ASKED
    assert view.for_sale(counter.till, made.id) == (prompt,)
    counter.wait(5)
    if fault == "delay":
        counter.line.remote.charge_ask(counter.line.late.pop())
    counter.wait(40)
    counter.wait(10)
    ended = counter.after(prompt)
    assert ended.state is (PromptState.UNPAID if fault == "request" else PromptState.PAID)
    assert counter.asked() == (0 if fault == "request" else 1)


def test_a_question_that_arrives_after_it_was_given_up_asks_nobody(counter: Counter) -> None:
    made = counter.sale()
    counter.line.fault = "delay"
    prompt = counter.ask(made)
    counter.wait(31)
    assert counter.after(prompt).state is PromptState.UNPAID
    told = counter.line.remote.charge_ask(counter.line.late.pop())
    assert (told["state"], counter.asked()) == ("Cancelled", 0)


def test_a_till_without_its_server_asks_nobody_and_says_so(counter: Counter) -> None:
    counter.line.is_cut = True
    prompt = counter.ask(counter.sale())
    assert prompt.state is PromptState.UNPAID
    assert "cannot be reached" in prompt.message


@pytest.mark.parametrize("when", ["before", "after"])
def test_money_that_comes_when_the_sale_went_by_cash_goes_to_a_person(
    counter: Counter, when: str
) -> None:
    made = counter.sale()
    prompt = counter.ask(made, phone=NEVER)
    if when == "before":  # the till does not know it yet
        counter.office.sim.do("ecocash", prompt.id, "paid")
        counter.office.pass_time(5)
    counter.cash(made)
    counter.deliver()
    counter.wait(5)
    if when == "after":
        counter.office.sim.do("ecocash", prompt.id, "paid")
        counter.wait(60)
    assert (counter.matters(), counter.booking(prompt)) == ([Matter.LATE], claimed.PERSON)
    assert counter.after(prompt).use is PromptUse.LEFT
    other, gone = counter.sale(), view.tender_of(counter.till, counter.after(prompt))
    with pytest.raises(PromptNotTakeable):
        counter.post(other, gone)
    (waiting,) = charges.waiting(counter.office.shop)
    assert "its sale at till T01 had gone another way" in waiting.sentence
    back = refund.give_back(
        counter.office.shop, counter.office.gateways, shops.actor("manager"), prompt.id
    )
    review.close(counter.office.shop, shops.actor("manager"), waiting.number, note="given back")
    assert (back.state, counter.matters()) == ("done", [])


def test_a_sale_cut_off_while_its_customer_pays_is_offered_the_money_again(
    counter: Counter,
) -> None:
    lost = counter.sale()
    prompt = counter.ask(lost)
    counter.restart()
    counter.wait()
    again = counter.sale()
    (offer,) = view.for_sale(counter.till, again.id)
    assert (offer.id, offer.is_offered) == (prompt.id, True)
    counter.post(again, view.tender_of(counter.till, offer))
    counter.deliver()
    assert (counter.booking(prompt), counter.matters()) == (claimed.CLAIMED, [])


@pytest.mark.parametrize("step", ["intent", "sent", "paid"])
def test_the_power_goes_at_each_step_and_no_money_is_lost_or_counted_twice(
    counter: Counter, step: str
) -> None:
    made = counter.sale()
    prompt = counter.intend(made)
    if step != "intent":
        ask.send(counter.till, counter.line, prompt.id)
    if step == "paid":
        counter.wait()
    counter.restart()
    counter.wait(31)
    counter.wait(10)
    ended = counter.after(prompt)
    assert ended.state is (PromptState.UNPAID if step == "intent" else PromptState.PAID)
    assert counter.asked() == (0 if step == "intent" else 1)
    if ended.is_offered:
        counter.post(counter.sale(), view.tender_of(counter.till, ended))
        counter.deliver()
        assert counter.booking(prompt) == claimed.CLAIMED
    counter.wait(7200)
    assert counter.matters() == []


def test_money_no_sale_comes_for_is_shown_and_closed_by_the_sale_that_comes_late(
    counter: Counter,
) -> None:
    prompt = counter.ask(counter.sale())
    counter.wait()
    counter.wait(1900)
    assert counter.matters() == [Matter.UNCLAIMED]
    counter.wait(60)
    assert counter.matters() == [Matter.UNCLAIMED]
    counter.post(counter.sale(), view.tender_of(counter.till, counter.after(prompt)))
    counter.deliver()
    assert (counter.matters(), counter.booking(prompt)) == ([], claimed.CLAIMED)


def test_money_somebody_leaves_to_a_manager_is_offered_no_more(counter: Counter) -> None:
    prompt = counter.ask(counter.sale())
    counter.wait()
    use.leave(counter.till, shops.actor(), prompt.id)
    with pytest.raises(PromptNotTakeable, match="somebody's"):
        use.leave(counter.till, shops.actor(), prompt.id)
    counter.wait(1)
    assert (counter.matters(), view.for_sale(counter.till, "any")) == ([Matter.LATE], ())


def test_a_sale_given_up_leaves_its_question(counter: Counter) -> None:
    made = counter.sale()
    prompt = counter.ask(made)
    admin = replace(shops.actor(), role=Role.ADMIN)
    basket.cancel(counter.till, admin, made, reason="left")
    counter.wait()
    counter.wait()
    assert (counter.after(prompt).use, counter.matters()) == (PromptUse.LEFT, [Matter.LATE])


def test_money_of_a_parked_sale_is_offered_to_that_one_alone(counter: Counter) -> None:
    parked = counter.sale()
    counter.ask(parked)
    counter.wait()
    hold.hold(counter.till, shops.actor(), parked)
    assert view.for_sale(counter.till, counter.sale().id) == ()
    again = hold.recall(counter.till, shops.actor(), parked.id)
    assert len(view.for_sale(counter.till, again.id)) == 1


def test_a_confirmation_pays_one_receipt_however_it_gets_there(counter: Counter) -> None:
    """Typed from the customer's message while nobody knew, it is the very same money."""
    made = counter.sale()
    counter.line.fault = "reply"
    prompt = counter.ask(made)
    counter.office.pass_time(10)
    number = charges.get(counter.office.shop, prompt.id).external_id
    posted = counter.post(made, tender.make(counter.till, "ecocash", made.total, reference=number))
    other = counter.sale()
    again = tender.make(counter.till, "ecocash", other.total, reference=number)
    with pytest.raises(ReferenceUsed, match=posted.receipt):
        counter.post(other, again)
    counter.deliver()
    for _ in range(3):
        counter.wait(1900)
    assert (counter.booking(prompt), counter.matters()) == (claimed.CLAIMED, [])
    assert counter.after(prompt).use is not PromptUse.NONE


def test_a_number_of_money_that_has_not_come_pays_nothing(counter: Counter) -> None:
    made = counter.sale()
    prompt = counter.ask(made, phone=NEVER)
    with counter.till.store.write() as connection:
        prompts.change(connection, prompt.id, {"external_id": "701002"})
    typed = tender.make(counter.till, "ecocash", made.total, reference="701002")
    with pytest.raises(PromptNotTakeable, match="has not come"):
        counter.post(made, typed)
    counter.cash(made)


def test_a_sale_paid_with_what_the_provider_says_was_not_paid_is_shown(counter: Counter) -> None:
    made = counter.sale()
    counter.line.fault = "reply"
    prompt = counter.ask(made, phone=NEVER)
    typed = tender.make(counter.till, "ecocash", made.total, reference=prompt.id)
    counter.post(made, typed)  # somebody knows the number before there is an answer
    counter.deliver()
    counter.wait(400)
    assert counter.matters() == [Matter.CONTRADICTION]


def test_nobody_is_asked_while_nothing_can_be_sold(counter: Counter) -> None:
    made = counter.sale()
    with counter.till.store.write() as connection:
        connection.execute(text("UPDATE shifts SET state = 'closed'"))
    with pytest.raises(ShiftNotOpen):
        counter.ask(made)


def test_doubled_and_contradictory_callbacks_count_once(counter: Counter) -> None:
    counter.office.arm(Fault(do="duplicate_callback", bytes=3), Fault(do="contradict"))
    made = counter.sale()
    prompt = counter.ask(made)
    counter.wait()
    counter.post(made, view.tender_of(counter.till, counter.after(prompt)))
    counter.deliver()
    counter.wait(7200)
    assert (counter.booking(prompt), counter.asked()) == (claimed.CLAIMED, 1)
    assert set(counter.matters()) <= {Matter.CONTRADICTION}


def test_another_amount_than_was_asked_waits_for_a_person_and_then_for_the_till(
    counter: Counter,
) -> None:
    counter.office.arm(Fault(do="wrong_amount", on="POST ecocash"))
    made = counter.sale()
    prompt = counter.ask(made)
    counter.wait()
    assert counter.after(prompt).state is PromptState.REVIEW
    received = Money.of("9.99", "USD")
    review.settle(
        counter.office.shop, shops.actor("manager"), prompt.id,
        is_paid=True, note="portal", received=received,
    )  # fmt: skip
    counter.wait(30)
    paid = counter.after(prompt)
    assert (paid.state, paid.amount) == (PromptState.PAID, received)
    cent = tender.make(counter.till, "cash", Money.of("0.01", "USD"))
    counter.post(made, view.tender_of(counter.till, paid), cent)


def test_a_question_of_another_till_is_nobodys_business(counter: Counter) -> None:
    prompt = counter.ask(counter.sale())
    server, gates = counter.office.shop, counter.office.gateways
    other = LocalRemote(server, principal="till:T02", till="T02", gateways=gates)
    with pytest.raises(Exception, match="record_not_found"):
        other.charge(prompt.id)


def test_a_restored_till_offers_no_money_it_has_taken_since(counter: Counter) -> None:
    made = counter.sale()
    prompt = counter.ask(made)
    counter.wait()
    paid = counter.after(prompt)
    counter.post(made, view.tender_of(counter.till, paid))
    counter.deliver()
    with counter.till.store.write() as connection:  # as it stood in the backup
        prompts.change(connection, prompt.id, {"use": "", "used_by": ""})
        connection.execute(text("UPDATE sale_tenders SET reference = ''"))
        prompts.doubt(connection, counter.till.clock.now())
    assert counter.after(prompt).is_open
    counter.wait(5)
    assert counter.after(prompt).use is PromptUse.TAKEN


def test_one_payment_in_two_sales_is_named_on_both_sides(counter: Counter) -> None:
    made = counter.sale()
    prompt = counter.ask(made)
    counter.wait()
    paid = view.tender_of(counter.till, counter.after(prompt))
    counter.post(made, paid)
    counter.deliver()
    assert invariants.check(counter.till) == []
    with counter.till.store.write() as connection:  # as after a restore without the server
        prompts.change(connection, prompt.id, {"use": "", "used_by": ""})
        connection.execute(text("UPDATE sale_tenders SET reference = ''"))
    counter.post(counter.sale(), paid)
    counter.deliver()
    assert counter.matters() == [Matter.TAKEN_TWICE]
    with counter.till.store.write() as connection:
        connection.execute(text(f"UPDATE sale_tenders SET reference = '{paid.reference}'"))
        connection.execute(text("UPDATE prompts SET used_by = 'none'"))
    found = {row.code for row in invariants.check(counter.till)}
    assert found >= {"payment_in_two_sales", "payment_not_in_sale"}


@pytest.mark.parametrize("typed", ["mp2603.1", " MP2603.1 "])
def test_a_confirmation_typed_otherwise_is_the_same(counter: Counter, typed: str) -> None:
    first, other = counter.sale(), counter.sale()
    kind, money = "ecocash", first.total
    counter.post(first, tender.make(counter.till, kind, money, reference="MP2603.1"))
    again = tender.make(counter.till, kind, money, reference=typed)
    with pytest.raises(ReferenceUsed):
        counter.post(other, again)


def wanted(reference: str = "web-1", **changes: Any) -> WantedSale:
    row = {"type": "ecocash", "currency": "USD", "amount": Decimal(10), "phone": PHONE} | changes
    return WantedSale(
        user="cashier",
        pin=shops.PIN,
        lines=[WantedLine(item="BREAD", quantity=Decimal(10))],
        tenders=[WantedTender(**row)],
        content=f"{sorted(changes.items())}",
        reference=reference,
    )


def sell(counter: Counter, asked: WantedSale) -> Posted:
    return quick_sale.sell(counter.till, asked, partial(wait.paid, counter.till, counter.line))


def test_a_sale_without_a_screen_waits_for_the_customer(counter: Counter) -> None:
    posted = sell(counter, wanted())
    assert posted.receipt == "T01-000001"
    again = sell(counter, wanted())
    assert (again.receipt, again.replayed, counter.asked()) == ("T01-000001", True, 1)
    counter.deliver()
    assert counter.matters() == []


def test_a_sale_without_a_screen_is_asked_once_and_found_again(counter: Counter) -> None:
    counter.line.fault = "reply"
    real, counter.line.charge = counter.line.charge, _away  # type: ignore[method-assign]
    with pytest.raises(PromptUnsettled):
        sell(counter, wanted())
    counter.restart()
    counter.line.charge = real  # type: ignore[method-assign]
    assert sell(counter, wanted()).receipt == "T01-000001"
    assert counter.asked() == 1


def _away(_charge_id: str) -> Mapping[str, Any]:
    raise Unavailable("The server cannot be reached.")


REFUSED: dict[str, tuple[dict[str, Any], type[PosError], int]] = {
    "poor": ({"phone": POOR}, PromptUnpaid, 3),
    "never": ({"phone": NEVER}, PromptUnpaid, 3),
    "too high": ({"amount": Decimal("10.01")}, TenderTooHigh, 3),
    "too low": ({"amount": Decimal("9.99")}, TenderTooLow, 3),
    "no wallet": ({"type": "cash"}, PosError, 2),
    "no number": ({"phone": "12"}, PosError, 2),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_sale_without_a_screen_refuses(counter: Counter, case: str) -> None:
    changes, error, code = REFUSED[case]
    with pytest.raises(error) as refused:
        sell(counter, wanted(**changes))
    assert refused.value.exit_code == code
    if case == "poor":  # said no: the caller may ask once more
        assert sell(counter, wanted("web-2")).receipt == "T01-000001"
    elif case != "never":
        assert counter.asked() == 0


def test_a_till_without_a_server_asks_no_wallet(counter: Counter) -> None:
    with pytest.raises(PromptServerAway):
        quick_sale.sell(counter.till, wanted())


def test_only_one_process_asks_about_a_prompt(counter: Counter) -> None:
    prompt = counter.ask(counter.sale(), phone=NEVER)
    counter.till.clock.sleep(2)
    with counter.till.store.write() as connection:
        row = prompts.by_id(connection, prompt.id)
        assert row is not None
        assert prompts.claim(connection, row, counter.till.clock.now() + look.LEASE)
        assert not prompts.claim(connection, row, counter.till.clock.now() + look.LEASE)
    assert look.work(counter.till, counter.line).done == 0
