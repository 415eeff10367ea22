"""Tell what is to be told: each webhook one notice at a time, again ever later, then given up.

A receiver that took a notice whose answer got lost is told again: `webhook-id` is the same, so that
it can see that (at least once, as every webhook). Of one document notices arrive in their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.notification import NotificationType
from pos_app.domain.webhook import WebhookEvent
from pos_app.services import stock_report
from pos_app.services.notification import make
from pos_app.services.notification.make import Asked
from pos_app.services.seal import Seal
from pos_app.services.shop import Shop
from pos_app.services.webhook import book, event
from pos_app.services.worked import Worked
from pos_app.store import audit, stock
from pos_app.store import item as items
from pos_app.store import webhook as rows
from sync.retry import RetryRule
from sync.webhook import message
from sync.webhook.sender import Answer, Sender

AGAIN = RetryRule(first=timedelta(seconds=2), longest=timedelta(hours=1))
OFF_AFTER = timedelta(days=3)
"""A webhook that has taken nothing for so long is switched off."""

MARGIN = timedelta(seconds=60)
USUAL_LEVEL = Decimal(10)
STOCK = (WebhookEvent.STOCK_LOW, WebhookEvent.STOCK_OUT, WebhookEvent.STOCK_REPLENISHED)
"""Found by looking at the stock: it changes in too many ways to be told where it does."""


def work(shop: Shop, sender: Sender, *, seal: Seal, rng: Random) -> Worked:
    """Tell one notice, if one is due; several processes tell each once."""
    now = shop.clock.now()
    lease = timedelta(seconds=60) + MARGIN
    with shop.store.write() as connection:
        claimed = rows.claim(connection, now=now, lease=lease)
    if claimed is None:
        with shop.store.read() as connection:
            waiting, due = rows.waiting(connection)
        return Worked(waiting=waiting, next_at=due if due is not None and due > now else None)
    with shop.store.read() as connection:
        hook = rows.by_number(connection, claimed["webhook"])
    if hook is None:
        return Worked(done=1, waiting=1)
    answer = _send(shop, sender, seal, claimed, hook)
    with shop.store.write() as connection:
        _settle(shop, connection, claimed, hook, answer=answer, rng=rng)
    return Worked(done=1, waiting=1)


def watch_stock(shop: Shop) -> int:
    """Tell what has run low or out since the last look, if anybody listens; how much it was."""
    with shop.store.read() as connection:
        is_wanted = any(rows.listeners(connection, each) for each in STOCK)
    if not is_wanted:
        return 0
    low = {
        (one.item.code, one.warehouse): one
        for one in stock_report.low(shop, warehouse=None, threshold=USUAL_LEVEL)
    }
    with shop.store.write() as connection:
        told = rows.told_stock(connection)
        fresh = {
            key: kind.value
            for key, one in low.items()
            if told.get(key)
            != (kind := WebhookEvent.STOCK_OUT if one.on_hand <= 0 else WebhookEvent.STOCK_LOW)
        }
        again = [key for key in told if key not in low]
        rows.tell_stock(connection, fresh, again)
        _replenished(shop, connection, again)
        for (item, warehouse), kind_name in fresh.items():
            one = low[item, warehouse]
            event.tell(
                shop,
                connection,
                WebhookEvent(kind_name),
                subject=f"{item}|{warehouse}",
                data={
                    "itemCode": item,
                    "itemName": one.item.name,
                    "warehouseCode": warehouse,
                    "inStock": one.on_hand,
                    "reorderLevel": one.reorder,
                },
            )
    return len(fresh)


def _replenished(shop: Shop, connection: Connection, again: Sequence[tuple[str, str]]) -> None:
    known, places = (
        items.find_by_codes(connection, {item for item, _ in again}),
        stock.of_places(connection, again),
    )
    told = [
        (
            f"{item}|{warehouse}",
            {
                "itemCode": item,
                "itemName": known[item].name if item in known else "",
                "warehouseCode": warehouse,
                "inStock": places[item, warehouse]["on_hand"],
            },
        )
        for item, warehouse in again
        if (item, warehouse) in places
    ]
    event.tell_each(shop, connection, WebhookEvent.STOCK_REPLENISHED, told)


def _send(shop: Shop, sender: Sender, seal: Seal, claimed: RowMapping, hook: RowMapping) -> Answer:
    made = message.make(
        event_id=claimed["event_id"],
        event=claimed["event"],
        at=claimed["at"],
        data=claimed["data"],
        secret=book.secret_of(hook, seal),
        headers=hook["headers"],
        sent_at=shop.clock.now(),
    )
    return sender.send(hook["url"], made, seconds=hook["timeout_seconds"])


def _settle(
    shop: Shop,
    connection: Connection,
    claimed: RowMapping,
    hook: RowMapping,
    *,
    answer: Answer,
    rng: Random,
) -> None:
    now, attempts = shop.clock.now(), claimed["attempts"] + 1
    values: dict[str, Any] = {"attempts": attempts}
    if answer.is_good:
        values["state"] = "done"
    elif attempts >= hook["attempts_most"]:
        values["state"] = "dead"
    else:
        values["try_at"] = AGAIN.next_at(now, attempts, rng)
    if not rows.settle(connection, claimed, values):
        return
    rows.add_delivery(
        connection,
        {
            "webhook": claimed["webhook"],
            "event_id": claimed["event_id"],
            "event": claimed["event"],
            "attempt": attempts,
            "status": answer.status,
            "is_success": answer.is_good,
            "problem": answer.problem,
            "milliseconds": answer.milliseconds,
            "at": now,
        },
    )
    current = rows.by_number(connection, claimed["webhook"]) or hook
    rows.change(connection, claimed["webhook"], _counted(shop, connection, current, answer))


def _counted(
    shop: Shop, connection: Connection, hook: RowMapping, answer: Answer
) -> Mapping[str, Any]:
    now = shop.clock.now()
    if answer.is_good:
        good = {"succeeded": hook["succeeded"] + 1, "failing_since": None}
        return {"triggered_at": now, **good}
    since = hook["failing_since"] or now
    failed = {"triggered_at": now, "failed": hook["failed"] + 1, "failing_since": since}
    if now - since < OFF_AFTER:
        return failed
    audit.append(
        connection,
        at=now,
        actor="server",
        action="webhook.switch_off",
        subject=str(hook["number"]),
        details={"since": since.isoformat(), "problem": answer.problem},
    )
    words = f"Switched off: nothing was taken since {since:%Y-%m-%d %H:%M} UTC, {answer.problem}."
    asked = Asked(
        title=f"The webhook {hook['name']} was switched off"[:200],
        message=f"{words} See to its receiver, then switch it on again."[:2000],
        type=NotificationType.ERROR,
        entity_type="Webhook",
        entity_id=str(hook["number"]),
    )
    make.tell_in(shop, connection, f"webhook-off:{hook['number']}:{now.isoformat()}", asked)
    return failed | {"is_active": False, "problem": words}
