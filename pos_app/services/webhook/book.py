"""The webhooks of a server: made, changed, looked at, tried, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.permission import Actor
from pos_app.domain.webhook import WebhookEvent, WebhookInvalid, check_headers, events_of
from pos_app.errors import RecordNotFound
from pos_app.services.seal import Seal
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import webhook as rows
from sync.webhook import message
from sync.webhook.address import AddressRefused, Policy, check
from sync.webhook.sender import Answer, Sender

PURPOSE = "webhook secrets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One webhook; its secret is never told.

    Attributes:
        attempts_most: tries in all.
        problem: why it was switched off by itself; empty when it was not.
    """

    number: int
    name: str
    url: str
    events: tuple[str, ...]
    headers: Mapping[str, str]
    is_active: bool
    attempts_most: int
    timeout_seconds: int
    created_at: datetime
    triggered_at: datetime | None
    succeeded: int
    failed: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One try; `status` is that of the receiver's answer, None where there was none."""

    number: int
    webhook: int
    webhook_name: str
    event: str
    status: int | None
    is_success: bool
    problem: str
    milliseconds: int
    attempt: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asks for; None leaves a part as it is."""

    name: str | None = None
    url: str | None = None
    secret: str | None = field(default=None, repr=False)
    events: tuple[str, ...] | None = None
    headers: Mapping[str, str] | None = None
    is_active: bool | None = None
    attempts_most: int | None = None
    timeout_seconds: int | None = None


def every(shop: Shop) -> list[Webhook]:
    """All, in the order they were made."""
    with shop.store.read() as connection:
        return [_webhook(row) for row in rows.every(connection)]


def by_number(shop: Shop, number: int) -> Webhook:
    """One webhook; raises RecordNotFound."""
    return _webhook(_row(shop, number))


def add(shop: Shop, actor: Actor, wanted: Wanted, *, seal: Seal, policy: Policy) -> Webhook:
    """Make one.

    Raises:
        WebhookInvalid: an event, header or address cannot be.
    """
    values = _values(wanted, policy)
    with shop.store.write() as connection:
        row = {"headers": {}, "is_active": True, "created_at": shop.clock.now(), **values}
        number = rows.add(connection, row)
        if wanted.secret:
            sealed = seal.close(wanted.secret, of=str(number))
            rows.change(connection, number, {"secret": sealed})
        _note(shop, connection, actor.username, "add", number=number, values=values)
    return by_number(shop, number)


def change(
    shop: Shop, actor: Actor, number: int, wanted: Wanted, *, seal: Seal, policy: Policy
) -> Webhook:
    """Change the parts that are given.

    Raises:
        RecordNotFound: there is none of this number.
        WebhookInvalid: an event, header or address cannot be.
    """
    values = _values(wanted, policy)
    if wanted.secret is not None:
        values["secret"] = seal.close(wanted.secret, of=str(number)) if wanted.secret else ""
    if wanted.is_active:
        values |= {"failing_since": None, "problem": ""}
    with shop.store.write() as connection:
        if rows.by_number(connection, number) is None:
            raise RecordNotFound("webhook", str(number))
        if values:
            rows.change(connection, number, values)
        _note(shop, connection, actor.username, "change", number=number, values=values)
    return by_number(shop, number)


def remove(shop: Shop, actor: Actor, number: int) -> None:
    """Remove one with all it was still to be told; raises RecordNotFound."""
    with shop.store.write() as connection:
        if not rows.drop(connection, number):
            raise RecordNotFound("webhook", str(number))
        _note(shop, connection, actor.username, "remove", number=number, values={})


def trial(
    shop: Shop,
    number: int,
    event: str,
    data: Mapping[str, Any] | None,
    *,
    seal: Seal,
    sender: Sender,
) -> Answer:
    """Send a notice that says of itself that it is a test; it is neither counted nor noted.

    Raises:
        RecordNotFound: there is none of this number.
        WebhookInvalid: it is no event.
    """
    row = _row(shop, number)
    (kind,) = events_of((event,))
    now = shop.clock.now()
    made = message.make(
        event_id=shop.ids.new(),
        event=kind,
        at=now,
        data=dict(data) if data is not None else SAMPLE,
        secret=secret_of(row, seal),
        headers=row["headers"],
        sent_at=now,
        is_test=True,
    )
    return sender.send(row["url"], made, seconds=row["timeout_seconds"])


SAMPLE = {"message": "This is a test."}


def secret_of(row: RowMapping, seal: Seal) -> str:
    """The secret a webhook signs with, empty for none."""
    return seal.open(row["secret"], of=str(row["number"])) if row["secret"] else ""


def deliveries(
    shop: Shop, *, webhook: int | None, limit: int, offset: int
) -> tuple[list[Delivery], int]:
    """Tries, newest first, and how many there are."""
    with shop.store.read() as connection:
        found, total = rows.deliveries(connection, webhook=webhook, limit=limit, offset=offset)
    names = [each.name for each in fields(Delivery)]
    return [Delivery(**{name: row[name] for name in names}) for row in found], total


def _row(shop: Shop, number: int) -> RowMapping:
    with shop.store.read() as connection:
        row = rows.by_number(connection, number)
    if row is None:
        raise RecordNotFound("webhook", str(number))
    return row


def _values(wanted: Wanted, policy: Policy) -> dict[str, Any]:
    if wanted.url is not None:
        try:
            check(wanted.url, policy)
        except AddressRefused as error:
            raise WebhookInvalid("url", error.reason) from error
    if wanted.headers is not None:
        check_headers(wanted.headers)
    events: list[WebhookEvent] | None = None
    if wanted.events is not None:
        events = list(events_of(wanted.events))
    asked = {
        "name": wanted.name,
        "url": wanted.url,
        "events": [event.value for event in events] if events is not None else None,
        "headers": dict(wanted.headers) if wanted.headers is not None else None,
        "is_active": wanted.is_active,
        "attempts_most": wanted.attempts_most,
        "timeout_seconds": wanted.timeout_seconds,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _note(
    shop: Shop, connection: Connection, who: str, deed: str, *, number: int, values: dict[str, Any]
) -> None:
    told: dict[str, Any] = {
        name: values[name] for name in ("url", "events", "is_active") if name in values
    }
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=who,
        action=f"webhook.{deed}",
        subject=str(number),
        details=told,
    )


def _webhook(row: RowMapping) -> Webhook:
    return Webhook(
        number=row["number"],
        name=row["name"],
        url=row["url"],
        events=tuple(row["events"]),
        headers=row["headers"],
        is_active=row["is_active"],
        attempts_most=row["attempts_most"],
        timeout_seconds=row["timeout_seconds"],
        created_at=row["created_at"],
        triggered_at=row["triggered_at"],
        succeeded=row["succeeded"],
        failed=row["failed"],
        problem=row["problem"],
    )
