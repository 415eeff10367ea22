"""Charges through simulated providers: asked once, settled by reading, booked once, given back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest

from pos_app.domain import charge as rule
from pos_app.domain.charge import (
    ChargeNotSo,
    ChargeRefused,
    ChargeState,
    GatewayAway,
    Matter,
    ProviderUnknown,
    RefundTooLarge,
)
from pos_app.domain.money import AmountInvalid, Money
from pos_app.errors import MalformedInput, RecordNotFound, ReferenceConflict
from pos_app.services.charge import answer, look, refund, review, view
from pos_app.store import charge as charges
from pos_app.store import payment as payments
from pos_app.store.engine import Store
from sandbox.fault import Fault
from sync.gateway import sign
from sync.gateway.port import PayBack, Seen
from sync.gateway.simulator.message import CALLBACK_KEY, Post
from tests.gateways import NEVER, POOR, Till
from tests.shops import actor, open_shop

PROVIDERS = ("paynow", "innbucks", "ecocash")
DAY = 86_400.0


@pytest.fixture
def till(store: Store) -> Till:
    return Till.of(open_shop(store, role="server"))


@pytest.fixture
def quick(sqlite_store: Store) -> Till:
    return Till.of(open_shop(sqlite_store, role="server"))


def state(till: Till, charge_id: str) -> str:
    return view.get(till.shop, charge_id).state.value


def kinds(till: Till) -> list[Matter]:
    return [row.kind for row in view.waiting(till.shop)]


def booked(till: Till, charge_id: str) -> Any:
    with till.shop.store.read() as connection:
        return payments.by_id(connection, charge_id)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_customer_pays_and_the_money_is_in_the_books_once(till: Till, provider: str) -> None:
    made = till.ask(provider)
    assert (made.state, made.external_id != "") == (ChargeState.PROCESSING, True)
    till.pass_time(3)
    found = view.get(till.shop, made.id)
    assert (found.state, found.booking) == (ChargeState.SUCCESS, "done")
    row = booked(till, made.id)
    assert (row["transfer"], row["partner"], row["transfer_reference"]) == (
        1000,
        "C0001",
        found.external_id,
    )
    till.pass_time(DAY)
    assert kinds(till) == []


def test_without_a_callback_it_is_found_by_asking(quick: Till) -> None:
    made = quick.ask()
    quick.pass_time(3, callbacks=False)
    assert state(quick, made.id) == "Processing", "it is not asked all the time"
    quick.pass_time(9, callbacks=False)
    assert state(quick, made.id) == "Success"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_lost_answer_is_unknown_and_settled_by_reading(quick: Till, provider: str) -> None:
    quick.arm(Fault(do="timeout_then_success"))
    made = quick.ask(provider)
    assert (made.state, made.message[:24]) == (ChargeState.PENDING, "It is not known yet whet")
    quick.pass_time(12)
    assert state(quick, made.id) == "Success"
    assert len(quick.sim.books.ledger()["transactions"]) == 1


def test_what_never_arrived_is_believed_to_be_absent_after_a_while(quick: Till) -> None:
    quick.arm(Fault(do="drop_before"))
    made = quick.ask()
    for _ in range(4):
        quick.pass_time(60)
        assert state(quick, made.id) == "Pending"
    quick.pass_time(120)
    assert state(quick, made.id) == "Failed"
    assert quick.sim.books.ledger()["transactions"] == []


def test_a_lost_answer_without_a_way_to_ask_goes_to_a_person(quick: Till) -> None:
    quick.arm(Fault(do="drop_before"))
    made = quick.ask("paynow")
    for _ in range(3):
        quick.pass_time(1200)
    assert (state(quick, made.id), kinds(quick)) == ("Pending", [Matter.UNKNOWN])
    with pytest.raises(MalformedInput):
        review.settle(quick.shop, actor("manager"), made.id, is_paid=False, note=" ")
    review.settle(quick.shop, actor("manager"), made.id, is_paid=False, note="not in the portal")
    assert state(quick, made.id) == "Failed"
    (waiting,) = view.waiting(quick.shop)
    review.close(quick.shop, actor("manager"), waiting.number, note="looked")
    assert kinds(quick) == []
    with pytest.raises(RecordNotFound):
        review.close(quick.shop, actor("manager"), waiting.number, note="looked")


def test_refusals_and_absence_say_that_no_money_moves(quick: Till) -> None:
    with pytest.raises(ChargeRefused, match="Insufficient"):
        quick.ask(phone=POOR)
    quick.arm(Fault(do="busy"))
    with pytest.raises(GatewayAway):
        quick.ask()
    for wish in ({"provider": "bitpay"}, {"provider": "innbucks", "currency": "ZIG"}):
        with pytest.raises(ProviderUnknown):
            quick.ask(**wish)
    found = view.page(quick.shop, state=ChargeState.FAILED, offset=0, limit=9)
    assert found.total == 2
    assert quick.sim.books.ledger()["transactions"] == []


def test_the_same_identity_asks_once_and_another_content_is_a_conflict(quick: Till) -> None:
    first = quick.ask(charge_id="one")
    assert quick.ask(charge_id="one").id == first.id
    with pytest.raises(ReferenceConflict):
        quick.ask(amount="11.00", charge_id="one")
    assert len(quick.sim.books.ledger()["transactions"]) == 1


@pytest.mark.parametrize("ended", ["expired", "cancelled"])
def test_late_money_is_kept_booked_and_shown(quick: Till, ended: str) -> None:
    faults = [Fault(do="late", seconds=7200)]
    if ended == "cancelled":
        faults = [Fault(do="timeout_then_success"), Fault(do="late")]
    quick.arm(*faults)
    made = quick.ask()
    if ended == "cancelled":
        review.cancel(quick.shop, actor(), made.id)
    else:
        for _ in range(8):
            quick.pass_time(60)
        assert state(quick, made.id) == "Expired"
    quick.pass_time(8000)
    assert (state(quick, made.id), kinds(quick)) == ("Success", [Matter.LATE])
    assert booked(quick, made.id)["transfer"] == 1000


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("word", ["failed", "cancelled"])
def test_money_after_a_refusal_of_the_provider_is_found_by_asking(
    quick: Till, provider: str, word: str
) -> None:
    quick.arm(Fault(do="late", seconds=3600))
    made = quick.ask(provider, charge_id="K-LATE")
    refused = Seen(status=word, key=made.id, external_id=made.external_id)
    answer.take(quick.shop, made.id, refused, source="look")
    assert state(quick, made.id) == word.capitalize()
    for _ in range(12):
        quick.pass_time(300, callbacks=False)
    quick.pass_time(3600, callbacks=False)
    assert (state(quick, made.id), kinds(quick)) == ("Success", [Matter.LATE])
    assert (booked(quick, made.id)["transfer"], booked(quick, made.id)["partner"]) == (
        1000,
        "C0001",
    )


def test_a_refused_charge_is_let_go_at_last_without_a_word(quick: Till) -> None:
    quick.arm(Fault(do="drop_before"))
    made = quick.ask()
    for _ in range(40):
        quick.pass_time(7200)
    with quick.shop.store.read() as connection:
        row = charges.by_id(connection, made.id)
    assert row is not None
    assert (row["state"], row["next_look_at"], kinds(quick)) == ("Failed", None, [])
    assert row["looks"] < 40


# Every status of each provider, as its messages have it: what becomes of a charge it is read of,
# and what follows. PayNow: developer pages and the words of its own SDKs; InnBucks: see
# sync.gateway.innbucks; EcoCash: EIP v1.0.0 and v3.
OPEN, LEFT = "asked again", "asked for days"
STATUSES = [
    ("paynow", "Created", "Processing", OPEN),
    ("paynow", "Created but not paid", "Processing", OPEN),
    ("paynow", "Sent", "Processing", OPEN),
    ("paynow", "Awaiting Redirect", "Processing", OPEN),
    ("paynow", "Awaiting Delivery", "Processing", OPEN),
    ("paynow", "Paid", "Success", "booked"),
    ("paynow", "Delivered", "Success", "booked"),
    ("paynow", "Cancelled", "Cancelled", LEFT),
    ("paynow", "Failed", "Failed", LEFT),
    ("paynow", "Error", "Failed", LEFT),
    ("paynow", "Refunded", "Refunded", Matter.FOREIGN_REFUND),
    ("paynow", "Disputed", "Processing", Matter.DISPUTED),
    ("innbucks", "New", "Processing", OPEN),
    ("innbucks", "Pending", "Processing", OPEN),
    ("innbucks", "Claimed", "Success", "booked"),
    ("innbucks", "Paid", "Success", "booked"),
    ("innbucks", "Expired", "Expired", LEFT),
    ("innbucks", "Timed Out", "Expired", LEFT),
    ("innbucks", "Cancelled", "Cancelled", LEFT),
    ("innbucks", "Error", "Failed", LEFT),
    ("innbucks", "Failed", "Failed", LEFT),
    ("ecocash", "PENDING", "Processing", OPEN),
    ("ecocash", "PENDING SUBSCRIBER VALIDATION", "Processing", OPEN),
    ("ecocash", "Processing Charge", "Processing", OPEN),
    ("ecocash", "SUCCESS", "Success", "booked"),
    ("ecocash", "COMPLETED", "Success", "booked"),
    ("ecocash", "FAILED", "Failed", LEFT),
    ("ecocash", "REFUNDED", "Refunded", Matter.FOREIGN_REFUND),
    *[(one, "Quarantined", "Processing", OPEN) for one in PROVIDERS],
]


@pytest.mark.parametrize(("provider", "status", "ends", "follows"), STATUSES)
def test_every_status_of_every_provider_has_its_state_and_what_follows(
    quick: Till, provider: str, status: str, ends: str, follows: object
) -> None:
    made = quick.ask(provider)
    quick.clock.sleep(20)
    seen = Seen(status=status, key=made.id, amount=Decimal(10), currency="USD")
    answer.take(quick.shop, made.id, seen, source="look")
    with quick.shop.store.read() as connection:
        row = charges.by_id(connection, made.id)
    assert row is not None
    assert (row["state"], row["provider_status"]) == (ends, status)
    later = row["next_look_at"]
    assert (later is not None) == (follows in {OPEN, LEFT, Matter.DISPUTED})
    if follows == LEFT:
        assert later - quick.clock.now() == rule.SLOWEST
    assert (row["booking"] == "due") == (follows == "booked")
    assert kinds(quick) == ([follows] if isinstance(follows, Matter) else [])


@pytest.mark.parametrize("status", ["Awaiting Delivery", "Quarantined"])
def test_what_a_provider_is_still_at_has_not_ended_when_its_time_is_over(
    quick: Till, status: str
) -> None:
    made = quick.ask("paynow")
    quick.clock.sleep(3600)
    seen = Seen(status=status, key=made.id, amount=Decimal(10))
    answer.take(quick.shop, made.id, seen, source="look")
    assert (state(quick, made.id), kinds(quick)) == ("Processing", [Matter.UNKNOWN])
    answer.take(quick.shop, made.id, replace(seen, status="Paid"), source="look")
    assert state(quick, made.id) == "Success"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_paid_without_an_amount_is_for_a_person(quick: Till, provider: str) -> None:
    made = quick.ask(provider)
    paid = Seen(status="paid", key=made.id, currency="USD")
    answer.take(quick.shop, made.id, paid, source="look")
    held = view.get(quick.shop, made.id)
    assert (held.state, held.is_held, held.received) == (ChargeState.PROCESSING, True, None)
    (waiting,) = view.waiting(quick.shop)
    assert (waiting.kind, "does not say how much" in waiting.sentence) == (Matter.MISMATCH, True)
    review.settle(quick.shop, actor("manager"), made.id, is_paid=True, note="10.00 in the portal")
    assert booked(quick, made.id)["transfer"] == 1000


def test_only_what_is_pending_is_cancelled(quick: Till) -> None:
    made = quick.ask(phone=NEVER)
    with pytest.raises(ChargeNotSo, match="Processing"):
        review.cancel(quick.shop, actor(), made.id)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_doubled_and_disordered_callbacks_change_nothing(quick: Till, provider: str) -> None:
    quick.arm(Fault(do="reorder"), Fault(do="duplicate_callback", bytes=3, on="callback"))
    made = quick.ask(provider)
    quick.pass_time(3)
    assert quick.heard == ["Success"] * 5
    assert (state(quick, made.id), kinds(quick)) == ("Success", [])
    told = view.whole(quick.shop, made.id).answers
    assert [row.source for row in told].count("callback") == 2, "each content is kept once"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("ends", ["paid", "cancelled"])
def test_contradictions_are_kept_and_shown_and_the_reading_counts(
    quick: Till, provider: str, ends: str
) -> None:
    quick.arm(Fault(do="contradict", on="callback"))
    made = quick.ask(provider)
    quick.sim.do(provider, made.id, ends)
    quick.pass_time(40)
    is_paid = ends == "paid"
    assert (state(quick, made.id) == "Success") == is_paid
    assert kinds(quick) == [Matter.CONTRADICTION]
    assert (booked(quick, made.id) is not None) == is_paid


def test_a_status_nobody_knows_is_no_end(quick: Till) -> None:
    quick.arm(Fault(do="unknown_status", times=3))
    made = quick.ask()
    quick.pass_time(3)
    assert state(quick, made.id) == "Processing"
    assert view.get(quick.shop, made.id).provider_status == "Quarantined"
    for _ in range(4):
        quick.pass_time(60)
    assert state(quick, made.id) == "Success"


def test_another_amount_goes_to_a_person_who_decides(quick: Till) -> None:
    quick.arm(Fault(do="wrong_amount"))
    made = quick.ask()
    quick.pass_time(3)
    assert quick.heard == ["CallbackMismatch"]
    quick.pass_time(60)
    held = view.get(quick.shop, made.id)
    assert (held.state, held.is_held, kinds(quick)) == (
        ChargeState.PROCESSING,
        True,
        [Matter.MISMATCH],
    )
    assert booked(quick, made.id) is None
    quick.pass_time(DAY)
    made = review.settle(quick.shop, actor("manager"), made.id, is_paid=True, note="9.99 came")
    assert (made.state, made.received) == (ChargeState.SUCCESS, Money(999, "USD"))
    assert booked(quick, made.id)["transfer"] == 999
    with pytest.raises(ChargeNotSo):
        review.settle(quick.shop, actor("manager"), made.id, is_paid=False, note="no")


def test_money_of_nobody_is_kept_for_a_person(quick: Till) -> None:
    other = Till.of(quick.shop)
    other.ask()
    quick.sim.books.ledger()
    other.clock.sleep(3)
    with quick.shop.store.write() as connection:
        connection.execute(charges.charge_answers.delete())
        connection.execute(charges.charges.delete())
    for post in other.sim.act() * 2:
        quick.deliver(post)
    assert quick.heard == ["RecordNotFound"] * 2
    assert kinds(quick) == [Matter.UNMATCHED]


def test_a_forged_callback_changes_nothing(quick: Till) -> None:
    made = quick.ask(phone=NEVER)
    body = f'{{"transactionId": "{made.id}", "status": "SUCCESS"}}'.encode()
    quick.deliver(Post("", {"x-signature": "0" * 64}, body, "ecocash"))
    assert quick.heard == ["CallbackForged"]
    assert (state(quick, made.id), kinds(quick)) == ("Processing", [])


def test_money_is_given_back_whole_and_in_part_and_once(till: Till) -> None:
    made = till.ask()
    with pytest.raises(ChargeNotSo):
        refund.give_back(till.shop, till.gateways, actor("manager"), made.id)
    till.pass_time(3)

    def back(amount: str | None, identity: str | None = None) -> Any:
        money = None if amount is None else Money.of(amount, "USD")
        return refund.give_back(
            till.shop,
            till.gateways,
            actor("manager"),
            made.id,
            amount=money,
            refund_id=identity,
        )

    first = back("4.00", "r1")
    assert (first.state, back("4.00", "r1").id) == ("done", "r1")
    with pytest.raises(ReferenceConflict):
        back("5.00", "r1")
    with pytest.raises(RefundTooLarge):
        back("6.01")
    assert state(till, made.id) == "Success"
    assert back(None).amount == Money(600, "USD")
    assert state(till, made.id) == "Refunded"
    with pytest.raises(ChargeNotSo):
        back("0.01")
    (row,) = till.sim.books.ledger()["transactions"]
    assert [one["amount"] for one in row["refunds"]] == ["4.00", "6.00"]
    assert kinds(till) == [Matter.BOOKS], "the books are corrected by a person"


def test_a_refund_whose_answer_is_lost_is_read_and_never_sent_again(quick: Till) -> None:
    made = quick.ask()
    quick.pass_time(3)
    quick.arm(Fault(do="timeout_then_success", on="POST ecocash"))
    sent = refund.give_back(quick.shop, quick.gateways, actor("manager"), made.id)
    assert sent.state == "sent"
    with pytest.raises(RefundTooLarge):
        refund.give_back(quick.shop, quick.gateways, actor("manager"), made.id, amount=sent.amount)
    quick.pass_time(61)
    assert state(quick, made.id) == "Refunded"
    quick.pass_time(DAY)
    (row,) = quick.sim.books.ledger()["transactions"]
    assert len(row["refunds"]) == 1


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ({"amount": Decimal("1.00")}, "amount"),
        ({"currency": "ZIG"}, "currency"),
        ({"key": "another"}, "reference"),
    ],
)
def test_a_refund_told_otherwise_than_it_was_asked_is_for_a_person(
    quick: Till, odd: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = quick.ask()
    quick.pass_time(30)
    gateway = type(quick.gateways.of("ecocash", "USD"))
    told = Seen(status="COMPLETED", amount=Decimal("10.00"))
    monkeypatch.setattr(gateway, "pay_back", lambda *_: replace(told, **odd))
    asked = refund.give_back(quick.shop, quick.gateways, actor("manager"), made.id)
    assert (asked.state, kinds(quick)) == ("person", [Matter.REFUND])
    (waiting,) = view.waiting(quick.shop)
    assert said in waiting.sentence
    assert view.get(quick.shop, made.id).left == Money(0, "USD"), "it stays set aside"
    with pytest.raises(RefundTooLarge):
        refund.give_back(
            quick.shop, quick.gateways, actor("manager"), made.id, amount=Money(100, "USD")
        )


def test_a_refund_that_never_arrived_leaves_the_money_to_be_given_back(quick: Till) -> None:
    made = quick.ask()
    quick.pass_time(3)
    quick.arm(Fault(do="drop_before", on="POST ecocash"))
    refund.give_back(quick.shop, quick.gateways, actor("manager"), made.id)
    for _ in range(20):
        quick.pass_time(60)
    found = view.whole(quick.shop, made.id)
    assert [row.state for row in found.refunds] == ["refused"]
    assert (found.charge.left, kinds(quick)) == (Money(1000, "USD"), [Matter.REFUND])


def test_where_no_refund_can_be_sent_a_person_gives_it_and_says_so(quick: Till) -> None:
    made = quick.ask("paynow")
    quick.pass_time(3)
    asked = refund.give_back(quick.shop, quick.gateways, actor("manager"), made.id)
    assert (asked.state, kinds(quick)) == ("person", [Matter.REFUND])
    assert state(quick, made.id) == "Success"
    quick.sim.do("paynow", made.id, "refunded")
    quick.pass_time(1)
    assert state(quick, made.id) == "Refunded"
    assert [row.state for row in view.whole(quick.shop, made.id).refunds] == ["done"]
    with pytest.raises(ChargeNotSo):
        review.settle_refund(quick.shop, actor("manager"), asked.id, is_given=True, note="done")


def test_a_refund_from_elsewhere_is_shown(quick: Till) -> None:
    made = quick.ask("innbucks")
    quick.pass_time(3)
    quick.sim.do("innbucks", made.id, "refunded")
    quick.pass_time(1)
    assert (state(quick, made.id), kinds(quick)) == ("Refunded", [Matter.FOREIGN_REFUND])


def test_money_the_books_do_not_take_goes_to_a_person(quick: Till) -> None:
    made = quick.ask(partner="NOBODY")
    quick.pass_time(3)
    assert view.get(quick.shop, made.id).booking == "person"
    assert kinds(quick) == [Matter.NOT_BOOKED]
    alone = quick.ask(partner="")
    quick.pass_time(3)
    assert (view.get(quick.shop, alone.id).booking, booked(quick, alone.id)) == ("", None)


def test_two_processes_ask_once_about_each(till: Till) -> None:
    till.ask(phone=NEVER)
    till.clock.sleep(30)
    with till.shop.store.read() as connection:
        (row,) = charges.due(connection, till.clock.now(), limit=9)
    assert [look.claim(till.shop, row), look.claim(till.shop, row)] == [True, False]


def test_a_refund_the_provider_has_is_not_believed_to_be_lost(
    quick: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = quick.ask()
    quick.pass_time(3)
    gateway = quick.gateways.of("ecocash", "USD")
    monkeypatch.setattr(gateway, "pay_back", lambda wanted: Seen(status="PENDING", key=wanted.key))
    asked = refund.give_back(quick.shop, quick.gateways, actor("manager"), made.id)
    quick.pass_time(600)
    (row,) = view.whole(quick.shop, made.id).refunds
    assert (asked.state, row.state) == ("sent", "sent"), "it would be given back a second time"
    quick.pass_time(DAY)
    assert kinds(quick) == [Matter.REFUND], "a person finds out"


def test_a_refund_that_ends_late_is_no_matter_for_a_person(
    quick: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = quick.ask()
    quick.pass_time(3)
    gateway = quick.gateways.of("ecocash", "USD")
    for name in ("pay_back", "read_back"):
        monkeypatch.setattr(gateway, name, lambda wanted: Seen(status="PENDING", key=wanted.key))
    refund.give_back(quick.shop, quick.gateways, actor("manager"), made.id)
    quick.clock.sleep(DAY + 60)
    monkeypatch.setattr(gateway, "read_back", lambda wanted: Seen(status="SUCCESS", key=wanted.key))
    look.work(quick.shop, quick.gateways)
    assert (state(quick, made.id), kinds(quick)) == ("Refunded", [Matter.BOOKS])


def test_a_callback_proves_that_the_provider_has_the_payment(quick: Till) -> None:
    quick.arm(Fault(do="drop_before"))
    made = quick.ask()
    told = json.dumps({"transactionId": made.id, "status": "PENDING", "amount": 10}).encode()
    quick.deliver(Post("", {"x-signature": sign.hmac_of(told, CALLBACK_KEY)}, told, "ecocash"))
    for _ in range(4):
        quick.pass_time(120)
    assert state(quick, made.id) == "Pending", "its absence is no failure any more"


def test_what_is_told_after_the_money_is_booked_changes_no_sum(quick: Till) -> None:
    made = quick.ask()
    quick.pass_time(3)
    seen = Seen(status="reversed", key=made.id, amount=Decimal("400.00"), currency="USD")
    answer.take(quick.shop, made.id, seen, source="look")
    held = view.get(quick.shop, made.id)
    assert (held.is_held, held.left) == (True, Money(1000, "USD"))
    with pytest.raises(ChargeNotSo, match="in doubt"):
        refund.give_back(quick.shop, quick.gateways, actor("manager"), made.id)
    review.settle(quick.shop, actor("manager"), made.id, is_paid=False, note="reversed")
    assert Matter.BOOKS in kinds(quick), "it stands in the books as paid"


@pytest.mark.parametrize("received", [Money(0, "USD"), Money(-500, "USD"), Money(500, "ZIG")])
def test_a_person_cannot_say_that_nothing_came_and_it_is_paid(quick: Till, received: Money) -> None:
    made = quick.ask(phone=NEVER)
    with pytest.raises(AmountInvalid):
        review.settle(
            quick.shop, actor("manager"), made.id, is_paid=True, note="seen", received=received
        )
    assert state(quick, made.id) == "Processing"


def beside(work: Callable[[], object], monkeypatch: pytest.MonkeyPatch, name: str) -> list[Thread]:
    """Another process does `work` when this one comes to a step of the store; it may be kept out.

    The wait only gives the other one its chance: who has to stand in line does so until the end.
    """
    real, others = getattr(charges, name), []

    def step(*arguments: Any, **named: Any) -> Any:
        if not others:
            others.append(Thread(target=work))
            others[0].start()
            others[0].join(0.5)
        return real(*arguments, **named)

    monkeypatch.setattr(charges, name, step)
    return others


@pytest.mark.postgres
def test_one_refund_asked_of_two_processes_is_set_aside_and_sent_once(
    postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = Till.of(open_shop(postgres_store, role="server"))
    made = till.ask()
    till.pass_time(3)
    sent: list[str] = []
    gateway = till.gateways.of("ecocash", "USD")
    real = gateway.pay_back

    def counted(wanted: PayBack) -> Seen:
        sent.append(wanted.key)
        return real(wanted)

    monkeypatch.setattr(gateway, "pay_back", counted)

    def back() -> None:
        money = Money(400, "USD")
        refund.give_back(
            till.shop, till.gateways, actor("manager"), made.id, amount=money, refund_id="r1"
        )

    others = beside(back, monkeypatch, "reserve_refund")
    back()
    others[0].join()
    assert (sent, view.get(till.shop, made.id).refunded) == (["r1"], Money(400, "USD"))


@pytest.mark.postgres
def test_two_refunds_that_end_at_once_leave_the_payment_refunded(
    postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = Till.of(open_shop(postgres_store, role="server"))
    made = till.ask("paynow")
    till.pass_time(3)
    asked = [
        refund.give_back(
            till.shop, till.gateways, actor("manager"), made.id, amount=Money(500, "USD")
        )
        for _ in range(2)
    ]
    others = beside(
        lambda: refund.settle(till.shop, asked[1].id, is_given=True), monkeypatch, "refunds_of"
    )
    refund.settle(till.shop, asked[0].id, is_given=True)
    others[0].join()
    assert state(till, made.id) == "Refunded"
