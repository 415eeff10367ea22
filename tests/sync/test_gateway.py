"""The providers' messages: hashes against PayNow's own examples, every status, every fault."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import pytest

from sandbox.fault import Fault, FaultInvalid
from sync.errors import OutcomeUnknown, Rejected, Unavailable
from sync.gateway import innbucks, json_callback, sign
from sync.gateway.door import Answer, Door
from sync.gateway.port import Forged, Known, Order, PayBack, Progress, Unreadable, progress_of
from sync.gateway.simulator.message import CALLBACK_KEY, PAYNOW
from sync.gateway.simulator.simulator import Simulator
from tests.gateways import gateways, simulator
from tests.shops import FixedClock

# PayNow's developer pages, "Validating Hash": a reply, and the key it is hashed with.
SAMPLE = (
    "status=Ok&browserurl=https%3a%2f%2fstaging.paynow.co.zw%2fPayment%2fConfirmPayment%2f9510"
    "&pollurl=https%3a%2f%2fstaging.paynow.co.zw%2fInterface%2fCheckPayment%2f%3fguid%3d"
    "c7ed41da-0159-46da-b428-69549f770413&paynowreference=9510&hash=750DD0B0DF374678707BB5AF915AF8"
    "1C228B9058AD57BB7120569EC68BBB9C2EFC1B26C6375D2BC562AC909B3CD6B2AF1D42E1A5E479FFAC8F4FB3FDCE71"
    "DF4D"
)
SAMPLE_KEY = "3e9fed89-60e1-4ce5-ab6e-6b1eb2d4f977"
ORDER = Order(
    key="K-1",
    reference="Basket",
    amount=Decimal("10.00"),
    currency="USD",
    phone="263771234567",
    callback_url="http://shop.test/callback",
)


@pytest.fixture
def sim() -> Simulator:
    return simulator(FixedClock(datetime(2026, 11, 2, 6, 0, tzinfo=UTC)))


def test_paynows_own_example_is_proven_and_a_changed_one_is_not() -> None:
    pairs = parse_qsl(SAMPLE)
    assert sign.is_paynows(pairs, SAMPLE_KEY)
    assert not sign.is_paynows(pairs, SAMPLE_KEY + "x")
    assert not sign.is_paynows([(name, value + "1") for name, value in pairs], SAMPLE_KEY)
    assert not sign.is_paynows(pairs[:-1], SAMPLE_KEY)


@pytest.mark.parametrize(
    ("status", "progress"),
    [
        ("Paid", "success"), ("Delivered", "success"), ("SUCCESS", "success"),
        ("Awaiting Delivery", "processing"), ("AWAITING_DELIVERY", "processing"),
        ("Created", "pending"), ("Sent", "pending"), ("PENDING", "pending"), ("New", "pending"),
        ("Cancelled", "cancelled"), ("canceled", "cancelled"), ("Failed", "failed"),
        ("declined", "failed"), ("Error", "failed"), ("Timed Out", "expired"),
        ("Refunded", "refunded"), ("Disputed", "disputed"), ("", "unknown"),
        ("Brand new", "unknown"),
    ],
)  # fmt: skip
def test_every_status_means_something_and_an_unheard_of_one_is_unknown(
    status: str, progress: str
) -> None:
    assert progress_of(status) == Progress(progress)


@pytest.mark.parametrize("provider", ["paynow", "innbucks", "ecocash"])
def test_a_payment_goes_its_way_and_its_callback_is_proven(provider: str, sim: Simulator) -> None:
    gateway = gateways(sim).of(provider, "USD")
    started = gateway.start(ORDER)
    known = Known(key="K-1", poll_url=started.poll_url, phone=ORDER.phone)
    seen = gateway.read(known)
    assert seen is not None
    assert (seen.progress, seen.amount, seen.key) == (Progress.PENDING, Decimal("10.00"), "K-1")
    assert seen.external_id == started.external_id
    sim.clock.advance(3)
    (post,) = sim.act()
    paid = gateway.read(known)
    assert paid is not None
    assert paid.progress is Progress.SUCCESS
    heard = gateway.hear(post.body, post.headers)
    assert (heard.key, heard.progress, heard.amount) == ("K-1", Progress.SUCCESS, Decimal(10))
    changed = post.body.replace(b"10.00", b"99.00")
    with pytest.raises(Forged):
        gateway.hear(changed, post.headers)
    with pytest.raises((Forged, Unreadable)):
        gateway.hear(b"\xff\x00", post.headers)
    with pytest.raises(OutcomeUnknown if provider == "ecocash" else (Rejected, OutcomeUnknown)):
        gateway.start(ORDER)


def test_a_json_callback_may_be_signed_over_its_bytes_or_over_its_fields(sim: Simulator) -> None:
    gateway = gateways(sim).of("ecocash", "USD")
    told = {"transactionId": "K-1", "status": "SUCCESS", "amount": 10, "currency": "ZWG"}
    body = json.dumps(told).encode()
    by_bytes = sign.hmac_of(body, CALLBACK_KEY)
    by_fields = sign.hmac_of(b"K-1|||10.00|ZWG|SUCCESS|", CALLBACK_KEY)
    for name, value in (
        ("x-signature", by_bytes),
        ("x-hub-signature-256", f"sha256={by_bytes.upper()}"),
        ("x-webhook-signature", by_fields),
    ):
        seen = gateway.hear(body, {name: value})
        assert (seen.key, seen.currency) == ("K-1", "ZIG")
    for headers in ({}, {"x-signature": ""}, {"x-signature": "00"}, {"x-signature": "é"}):
        with pytest.raises(Forged):
            gateway.hear(body, headers)
    for odd in (b"[]", b"{", b'{"amount": "x"}', b'{"amount": NaN}', b'{"amount": 1e999999}'):
        with pytest.raises((Unreadable, Forged)):
            gateway.hear(odd, {"x-signature": by_bytes})


@pytest.mark.parametrize("provider", ["paynow", "innbucks", "ecocash"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("timeout_then_success", OutcomeUnknown),
        ("drop_before", OutcomeUnknown),
        ("busy", Unavailable),
    ],
)
def test_a_lost_answer_is_unknown_and_a_busy_provider_was_not_asked(
    provider: str, fault: str, kind: type[Exception], sim: Simulator
) -> None:
    sim.faults.replace([Fault(do=fault)])
    with pytest.raises(kind):
        gateways(sim).of(provider, "USD").start(ORDER)
    is_there = sim.books.find(provider, "K-1") is not None
    assert is_there == (fault == "timeout_then_success")


@pytest.mark.parametrize(("status", "of_start"), [(503, OutcomeUnknown), (429, Unavailable)])
@pytest.mark.parametrize("provider", ["paynow", "innbucks", "ecocash"])
def test_what_a_proxy_says_proves_nothing_of_money(
    provider: str,
    status: int,
    of_start: type[Exception],
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway = gateways(sim).of(provider, "USD")
    started = gateway.start(ORDER)
    known = Known(
        key="K-1",
        external_id=started.external_id,
        poll_url=started.poll_url,
        phone=ORDER.phone,
    )
    send = Door.send

    def through(door: Door, method: str, url: str, **how: Any) -> Answer:
        answer = send(door, method, url, **how)
        return answer if url.endswith(innbucks.LOGIN) else Answer(status, b"{}")

    monkeypatch.setattr(Door, "send", through)
    with pytest.raises(of_start):
        gateway.start(replace(ORDER, key="K-2"))
    with pytest.raises(Unavailable):
        gateway.read(known)


@pytest.mark.parametrize(
    ("told", "amount"),
    [
        ({"amount": "4.00"}, Decimal(4)),
        ({"paymentAmount": {"charginginformation": {"amount": 4.5}}}, Decimal("4.5")),
        ({"paymentAmount": "4"}, None),
    ],
)
def test_what_ecocash_took_is_read_wherever_it_stands(
    told: dict[str, Any], amount: Decimal | None, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps({"status": "COMPLETED", "clientCorrelator": "K-1"} | told).encode()
    monkeypatch.setattr(Door, "send", lambda *_args, **_how: Answer(200, body))
    seen = gateways(sim).of("ecocash", "USD").read(Known(key="K-1", phone=ORDER.phone))
    assert seen is not None
    assert seen.amount == amount


def test_ecocash_is_read_in_the_words_of_its_third_version(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    charged = {"amount": 3.0, "cashbackAmount": None, "currency": "ZWG"}
    told = {
        "clientCorrelator": "K-1",
        "transactionOperationStatus": "COMPLETED",
        "paymentAmount": {"totalAmountCharged": 3.0, "charginginformation": charged},
        "ecocashReference": "MP251117.0952.T0527795",
        "responseCode": None,
    }
    body = json.dumps(told).encode()
    monkeypatch.setattr(Door, "send", lambda *_args, **_how: Answer(200, body))
    seen = gateways(sim).of("ecocash", "USD").read(Known(key="K-1", phone=ORDER.phone))
    assert seen is not None
    assert (seen.progress, seen.amount, seen.currency) == (Progress.SUCCESS, Decimal(3), "ZIG")
    assert seen.external_id == "MP251117.0952.T0527795"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("status=Error&error=Invalid+amount+field", Rejected),
        ("status=Error&error=Invalid+amount+field&hash=00", OutcomeUnknown),
        ("status=Error&error=Duplicate+reference", OutcomeUnknown),
        ("status=Ok&pollurl=http%3A%2F%2Fgateway.test%2Fx", OutcomeUnknown),
        ("status=Maybe", OutcomeUnknown),
        ("status=%ff", OutcomeUnknown),
    ],
)
def test_a_refusal_of_paynow_is_believed_unless_its_hash_is_wrong(
    said: str, kind: type[Exception], sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Door, "send", lambda *_args, **_how: Answer(200, said.encode()))
    with pytest.raises(kind):
        gateways(sim).of("paynow", "USD").start(ORDER)


def test_a_refusal_is_told_in_the_providers_words(sim: Simulator) -> None:
    poor = Order(key="K", reference="r", amount=Decimal(1), currency="USD", phone="263774444444")
    for provider in ("innbucks", "ecocash"):
        with pytest.raises(Rejected, match=r"[Ii]nsufficient"):
            gateways(sim).of(provider, "USD").start(poor)


def test_money_is_given_back_once_and_never_more_than_was_paid(sim: Simulator) -> None:
    gateway = gateways(sim).of("ecocash", "USD")
    started = gateway.start(ORDER)
    of = Known(key="K-1", external_id=started.external_id, phone=ORDER.phone)

    def back(key: str, amount: int) -> PayBack:
        return PayBack(key=key, of=of, reference="r", amount=Decimal(amount), currency="USD")

    with pytest.raises(Rejected, match="eligible"):
        gateway.pay_back(back("R-0", 4))
    sim.clock.advance(3)
    sim.act()
    assert gateway.read_back(back("R-1", 4)) is None
    assert gateway.pay_back(back("R-1", 4)).progress is Progress.SUCCESS
    seen = gateway.read_back(back("R-1", 4))
    assert seen is not None
    assert (seen.progress, seen.amount) == (Progress.SUCCESS, Decimal(4))
    with pytest.raises(Rejected, match="exceeds"):
        gateway.pay_back(back("R-2", 7))
    for provider in ("paynow", "innbucks"):
        with pytest.raises(Unavailable, match="portal"):
            gateways(sim).of(provider, "USD").pay_back(back("R-3", 1))


def test_no_request_leaves_for_another_host_and_no_redirect_is_followed() -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return httpx2.Response(302, headers={"location": "http://evil.test/"})

    door = Door("PayNow", "https://pay.test", transport=httpx2.MockTransport(answer))
    assert door.send("POST", "https://pay.test/x", headers={}).status == 302
    assert asked == ["https://pay.test/x"]
    for url in (
        "http://pay.test/x", "https://pay.test.evil.test/", "https://pay.test:8443/",
        "http://169.254.169.254/", "https://u@evil.test/", "//pay.test", "http://[::1",
    ):  # fmt: skip
        with pytest.raises(Unavailable):
            door.send("POST", url, headers={})
    assert len(asked) == 1


def test_the_simulator_knows_its_faults_and_remembers_its_books(tmp_path: object) -> None:
    from pathlib import Path

    from sandbox.clock import SandboxClock
    from sync.gateway.simulator.books import Books

    assert isinstance(tmp_path, Path)
    clock = SandboxClock(FixedClock(datetime(2026, 11, 2, tzinfo=UTC)).now)
    sim = Simulator(Books(tmp_path, clock), clock)
    with pytest.raises(FaultInvalid):
        sim.faults.replace([Fault(do="explode")])
    gateways(sim).of("paynow", "ZIG").start(
        Order(key="Z", reference="r", amount=Decimal(5), currency="ZIG", callback_url="http://x")
    )
    again = Simulator(Books(tmp_path, clock), clock)
    clock.advance(timedelta(seconds=3).total_seconds())
    assert [post.provider for post in again.act()] == ["paynow"]
    (row,) = again.books.ledger()["transactions"]
    assert (row["status"], row["paid"], row["currency"]) == ("paid", "5.00", PAYNOW["1202"][0])


@pytest.mark.parametrize(
    "body",
    [
        b'{"amount": ""}',
        b'{"transactionId": "\\ud800"}',
        b'{"signature": "\\udfff"}',
        b'{"status": "\\u0000"}',
    ],
)
def test_a_strangers_callback_is_refused_and_breaks_nothing(body: bytes) -> None:
    with pytest.raises((Forged, Unreadable)):
        json_callback.hear(body, {}, key="secret")
