"""Webhooks: told with their cause or not at all, in order, again ever later, then given up."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from pos_app.domain.charge import ChargeRefused
from pos_app.domain.webhook import WebhookEvent, WebhookInvalid
from pos_app.errors import DiskFull, RecordNotFound
from pos_app.services import purge
from pos_app.services.backup import make as backups
from pos_app.services.charge import refund
from pos_app.services.seal import Seal
from pos_app.services.shop import BackupRules, Shop
from pos_app.services.webhook import book, event, work
from pos_app.services.webhook.book import Wanted
from pos_app.store import webhook as rows
from pos_app.store.archive import pack
from pos_app.store.engine import Store
from pos_app.store.notification import notifications
from sync.webhook.address import Policy
from sync.webhook.message import Message
from sync.webhook.sender import Answer, Sender
from tests import shops
from tests.gateways import NEVER, POOR, Till

MANAGER = shops.actor("manager")
SEAL = Seal("a secret of thirty-two letters or more", book.PURPOSE)
GOOD = Answer(status=200, text="", problem="", milliseconds=3)
BAD = Answer(status=503, text="", problem="the receiver answered 503, not 2xx", milliseconds=3)
ORDER = WebhookEvent.SALES_ORDER_CHANGED


@dataclass
class Receiver(Sender):
    """Takes what is sent, or does not."""

    answers: list[Answer] = field(default_factory=list)
    seen: list[tuple[str, Message]] = field(default_factory=list)

    def send(self, url: str, message: Message, *, seconds: float) -> Answer:
        self.seen.append((url, message))
        return self.answers.pop(0) if self.answers else GOOD


@pytest.fixture
def server(store: Store) -> Shop:
    return shops.open_shop(store, role="server", till="SRV")


def hook(shop: Shop, *events: WebhookEvent, **changes: object) -> book.Webhook:
    wanted = Wanted(
        name="Orders",
        url="https://hooks.example.com/orders",
        secret="whsec_abc123",
        events=tuple(events) or (ORDER,),
        attempts_most=3,
        timeout_seconds=30,
    )
    return book.add(shop, MANAGER, replace(wanted, **changes), seal=SEAL, policy=Policy())  # type: ignore[arg-type]


def tell(shop: Shop, subject: str, **data: object) -> None:
    with shop.store.write() as connection:
        event.tell(shop, connection, ORDER, subject=subject, data=data)


def go(shop: Shop, receiver: Receiver) -> int:
    done = 0
    while work.work(shop, receiver, seal=SEAL, rng=Random(1)).done:
        done += 1
    return done


def subjects(receiver: Receiver) -> list[str]:
    return [message.headers["webhook-id"] for _, message in receiver.seen]


def test_what_is_undone_is_not_told(server: Shop) -> None:
    hook(server)
    with suppress(RuntimeError), server.store.write() as connection:
        event.tell(server, connection, ORDER, subject="S1", data={})
        raise RuntimeError
    receiver = Receiver()
    assert go(server, receiver) == 0
    tell(server, "S1", number="SO-1")
    assert go(server, receiver) == 1
    ((_, message),) = receiver.seen
    assert b'"number":"SO-1"' in message.body
    assert "X-Webhook-Signature" in message.headers
    found = book.by_number(server, 1)
    assert (found.succeeded, found.failed, found.triggered_at) == (1, 0, server.clock.now())


def test_only_what_was_asked_for_is_told(server: Shop) -> None:
    hook(server, WebhookEvent.STOCK_LOW)
    off = hook(server)
    book.change(server, MANAGER, off.number, Wanted(is_active=False), seal=SEAL, policy=Policy())
    tell(server, "S1")
    with server.store.read() as connection:
        assert rows.waiting(connection) == (0, None)


def test_of_one_document_the_next_waits_for_the_one_before(server: Shop) -> None:
    hook(server)
    for step, subject in enumerate(("S1", "S1", "S2")):
        tell(server, subject, step=step)
    receiver = Receiver(answers=[BAD])
    assert go(server, receiver) == 2
    assert [b'"step":0' in receiver.seen[0][1].body, b'"step":2' in receiver.seen[1][1].body] == [
        True, True,
    ]  # fmt: skip
    server.clock.sleep(60)
    assert go(server, receiver) == 2
    assert [b'"step":0' in receiver.seen[2][1].body, b'"step":1' in receiver.seen[3][1].body] == [
        True, True,
    ]  # fmt: skip
    assert receiver.seen[0][1].headers["webhook-id"] == receiver.seen[2][1].headers["webhook-id"]


def test_tries_are_counted_noted_and_end(server: Shop) -> None:
    made = hook(server)
    tell(server, "S1")
    tell(server, "S1")
    receiver = Receiver(answers=[BAD, BAD, BAD])
    for expected in (1, 0):
        assert go(server, receiver) == expected
    server.clock.sleep(1)
    assert go(server, receiver) == 0
    server.clock.sleep(10)
    assert go(server, receiver) == 1
    server.clock.sleep(10)
    assert go(server, receiver) == 2
    found, total = book.deliveries(server, webhook=made.number, limit=10, offset=0)
    assert total == 4
    assert [(row.attempt, row.is_success) for row in reversed(found)] == [
        (1, False), (2, False), (3, False), (1, True),
    ]  # fmt: skip
    assert book.deliveries(server, webhook=99, limit=10, offset=0) == ([], 0)
    hooked = book.by_number(server, made.number)
    assert (hooked.succeeded, hooked.failed) == (1, 3)


def test_two_processes_tell_each_once_and_a_dead_one_is_replaced(server: Shop) -> None:
    hook(server)
    tell(server, "S1")
    tell(server, "S2")
    now = server.clock.now()
    with server.store.write() as connection:
        first = rows.claim(connection, now=now, lease=timedelta(seconds=60))
        assert first is not None
        assert rows.claim(connection, now=now, lease=timedelta(seconds=60)) is None
    server.clock.sleep(61)
    receiver = Receiver()
    assert go(server, receiver) == 2
    with server.store.write() as connection:
        assert not rows.settle(connection, first, {"state": "dead"})
    assert go(server, receiver) == 0


def test_a_webhook_that_takes_nothing_for_days_is_switched_off(server: Shop) -> None:
    made = hook(server)
    tell(server, "S1")
    receiver = Receiver(answers=[BAD, BAD])
    go(server, receiver)
    server.clock.sleep(work.OFF_AFTER.total_seconds() + 1)
    tell(server, "S2")
    go(server, receiver)
    found = book.by_number(server, made.number)
    assert not found.is_active
    assert "Switched off" in found.problem
    with server.store.read() as connection:
        titles = connection.execute(select(notifications.c.title)).scalars().all()
    assert titles == ["The webhook Orders was switched off"]
    assert len(receiver.seen) == 2
    back = book.change(
        server, MANAGER, made.number, Wanted(is_active=True), seal=SEAL, policy=Policy()
    )
    assert (back.is_active, back.problem) == (True, "")
    server.clock.sleep(60)
    assert go(server, receiver) == 2


def test_stock_that_runs_low_is_told_once(server: Shop) -> None:
    hook(server, WebhookEvent.STOCK_LOW, WebhookEvent.STOCK_OUT)
    first = work.watch_stock(server)
    assert work.watch_stock(server) == 0
    with server.store.read() as connection:
        assert rows.waiting(connection)[0] == first == len(rows.told_stock(connection))


def test_a_till_tells_nobody(sqlite_store: Store) -> None:
    till = shops.open_shop(sqlite_store)
    hook(till)
    tell(till, "S1")
    with till.store.read() as connection:
        assert rows.waiting(connection)[0] == 0


def test_a_trial_is_marked_and_not_counted(server: Shop) -> None:
    made = hook(server)
    receiver = Receiver()
    answer = book.trial(server, made.number, "stock.low", None, seal=SEAL, sender=receiver)
    assert answer.is_good
    assert b'"isTest":true' in receiver.seen[0][1].body
    assert book.by_number(server, made.number).succeeded == 0
    with pytest.raises(RecordNotFound):
        book.trial(server, 99, "stock.low", None, seal=SEAL, sender=receiver)
    with pytest.raises(WebhookInvalid):
        book.trial(server, made.number, "moon.full", None, seal=SEAL, sender=receiver)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://127.0.0.1/"},
        {"url": "ftp://example.com/"},
        {"events": ("stock.lo",)},
        {"events": ()},
        {"headers": {"Host": "other"}},
        {"headers": {"X-A": "b\r\nX-C: d"}},
        {"headers": {"X A": "b"}},
        {"headers": {"x-webhook-event": "b"}},
        {"headers": {f"X-{number}": "" for number in range(21)}},
    ],
)
def test_what_cannot_be_a_webhook(server: Shop, wrong: dict[str, object]) -> None:
    with pytest.raises(WebhookInvalid):
        hook(server, **wrong)
    assert book.every(server) == []


def test_secrets_are_sealed_and_forgotten_with_their_webhook(server: Shop) -> None:
    made = hook(server)
    with server.store.read() as connection:
        row = rows.by_number(connection, made.number)
    assert row is not None
    assert "whsec" not in row["secret"]
    assert book.secret_of(row, SEAL) == "whsec_abc123"
    assert "whsec" not in repr(made)
    tell(server, "S1")
    book.remove(server, MANAGER, made.number)
    with pytest.raises(RecordNotFound):
        book.remove(server, MANAGER, made.number)
    assert go(server, Receiver()) == 0


def test_charges_tell_how_they_end(sqlite_store: Store) -> None:
    till = Till.of(shops.open_shop(sqlite_store, role="server"))
    hook(till.shop, *WebhookEvent)
    paid, stopped = till.ask(), till.ask(phone=NEVER)
    with pytest.raises(ChargeRefused):
        till.ask(phone=POOR, charge_id="poor")
    till.pass_time(60)
    refund.give_back(till.shop, till.gateways, MANAGER, paid.id)
    till.pass_time(86_400)
    told = told_of(till.shop)
    assert told[paid.id][0] == "payment.received"
    assert told[paid.id][-1] == "payment.refunded"
    assert (told["poor"], told[stopped.id]) == (["payment.failed"], ["payment.failed"])


def test_a_backup_that_failed_is_told(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shops.open_shop(sqlite_store, role="server", till="SRV")
    backup = BackupRules(folder=tmp_path / "backups")
    shop = replace(shop, rules=replace(shop.rules, backup=backup))
    hook(shop, WebhookEvent.BACKUP_FAILED)

    def full(*_: object) -> None:
        raise DiskFull("backups")

    monkeypatch.setattr(pack, "pack", full)
    with pytest.raises(DiskFull):
        backups.make(shop, MANAGER)
    assert list(told_of(shop).values()) == [["backup.failed"]]


def told_of(shop: Shop) -> dict[str, list[str]]:
    """What was told, by subject."""
    found: dict[str, list[str]] = {}
    with shop.store.read() as connection:
        message = rows.webhook_messages
        for row in connection.execute(select(message).order_by(message.c.seq)):
            found.setdefault(row.subject, []).append(row.event)
    return found


def test_old_tries_are_forgotten(server: Shop) -> None:
    hook(server)
    tell(server, "S1")
    go(server, Receiver())
    server.clock.sleep(purge.NOTICES_KEPT.total_seconds() + 1)
    purge.purge(server)
    assert book.deliveries(server, webhook=None, limit=9, offset=0) == ([], 0)
