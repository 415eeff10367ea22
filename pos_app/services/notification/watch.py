"""What the server tells by itself: once for each matter and day, however often it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pos_app.domain import incident as rule
from pos_app.domain.notification import NotificationType
from pos_app.domain.session import KEY_WARNING
from pos_app.services import fiscal_day
from pos_app.services.notification import make, view
from pos_app.services.notification.make import Asked
from pos_app.services.shop import Shop
from pos_app.store import backup as backups
from pos_app.store import fiscal as journal
from pos_app.store import incident as incidents
from pos_app.store import level as levels
from pos_app.store import session as sessions

STOCK_EVERY = timedelta(minutes=10)
NAMED = 5
"""Items a message about low stock names; the report has them all."""

Told = tuple[str, Asked]


class Watcher:
    """Looks for what people must know; many servers may, each matter is told once."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._stock_at: datetime | None = None

    def look(self) -> int:
        """Tell what is new and delete what is over; returns how many were told."""
        shop, now = self._shop, self._shop.clock.now()
        found = [*_incidents(shop), *_fiscal(shop), *_backup(shop), *_keys(shop)]
        if self._stock_at is None or now >= self._stock_at:
            self._stock_at = now + STOCK_EVERY
            found += _low(shop)
        view.sweep(shop)
        return sum(make.tell(shop, key, asked) for key, asked in found)


def _incidents(shop: Shop) -> Iterator[Told]:
    """Documents that stand still on their way to SAP, one message for each cause and day."""
    with shop.store.read() as connection:
        rows = incidents.opened(connection)
    for row in rows:
        name = rule.name_of(row["cause"])
        waiting = "1 document stands" if row["rows"] == 1 else f"{row['rows']} documents stand"
        yield (
            f"incident:{name}:{shop.today}",
            Asked(
                title=f"{waiting} still on the way to SAP",
                message=f"{row['sentence']} {rule.advice(row['cause'])}"[:2000],
                type=NotificationType.ERROR,
                category="SAP",
                entity_type="Incident",
                entity_id=name,
                link=f"/queue/incidents/{name}",
                data={"rows": row["rows"]},
            ),
        )


def _low(shop: Shop) -> Iterator[Told]:
    """What runs out, one message for each warehouse and day."""
    with shop.store.read() as connection:
        counted = levels.low_counts(connection)
        first = {code: levels.lowest(connection, code, limit=NAMED) for code in counted}
    for code, count in sorted(counted.items()):
        names = ", ".join(f"{row['name']} ({row['on_hand']:f})" for row in first[code])
        more = f" and {count - len(first[code])} more" if count > len(first[code]) else ""
        items = "1 item runs" if count == 1 else f"{count} items run"
        yield (
            f"low-stock:{code}:{shop.today}",
            Asked(
                title=f"{items} out in {code}",
                message=f"At or below SAP's minimum: {names}{more}."[:2000],
                type=NotificationType.WARNING,
                category="LowStock",
                entity_type="Warehouse",
                entity_id=code,
                link=f"/reports/low-stock?warehouseCode={code}",
                data={"items": count},
            ),
        )


def _fiscal(shop: Shop) -> Iterator[Told]:
    """Trouble of this server's own fiscal device: its day, and receipts that are not settled."""
    if not shop.rules.fiscal.is_required:
        return
    standing = fiscal_day.standing(shop)
    with shop.store.read() as connection:
        waiting, since = journal.unsettled(connection)
        troubled = journal.troubled(connection)
    device = standing.device_id
    warn = timedelta(hours=shop.rules.fiscal.warn_hours)
    if standing.time_left is not None and standing.time_left <= warn:
        yield (
            f"fiscal-day-end:{device}:{standing.fiscal_day}",
            _of_device(
                f"Fiscal day {standing.fiscal_day} has to be closed",
                f"It is over in {max(standing.time_left, timedelta(0))}: close it, or nothing is "
                "sold after that.",
                device,
            ),
        )
    for day in standing.unsigned:
        yield (
            f"fiscal-day:{device}:{day}",
            _of_device(
                f"Fiscal day {day} has a difference",
                "Look at its Z, find out what it was, and sign it.",
                device,
            ),
        )
    if since is not None and shop.clock.now() - since >= rule.QUIET:
        yield (
            f"fiscal-wait:{shop.today}",
            _of_device(
                f"{waiting} receipts wait for the fiscal device",
                f"The oldest since {since:%Y-%m-%d %H:%M} UTC: see whether the device answers.",
                device,
            ),
        )
    for state in sorted({row["state"] for row in troubled}):
        count = sum(row["state"] == state for row in troubled)
        yield (
            f"fiscal-{state}:{shop.today}",
            _of_device(
                f"{count} fiscal receipts are {state}",
                "A supervisor has to look at them: `pos fiscal status`.",
                device,
            ),
        )


def _backup(shop: Shop) -> Iterator[Told]:
    """The newest backup, where it came to nothing."""
    with shop.store.read() as connection:
        rows = backups.page(connection, limit=1, offset=0)
    for row in rows:
        if row["state"] == "Failed":
            yield (
                f"backup:{row['number']}",
                Asked(
                    title="The last backup failed",
                    message=f"{row['problem'] or 'Nobody knows why.'} Make one now."[:2000],
                    type=NotificationType.ERROR,
                    category="Backup",
                    entity_type="Backup",
                    entity_id=str(row["number"]),
                    link="/backups",
                ),
            )


def _keys(shop: Shop) -> Iterator[Told]:
    """API keys that end soon, each once; Admins alone are told."""
    now = shop.clock.now()
    with shop.store.read() as connection:
        rows = sessions.keys_ending(connection, now, now + KEY_WARNING)
    for row in rows:
        yield (
            f"api-key:{row['name']}:{row['expires_at']:%Y-%m-%d}",
            Asked(
                title=f"API key {row['name']} ends on {row['expires_at']:%Y-%m-%d}",
                message="Make another one (`pos user key add`) and give it to the program or till "
                "before that; it is refused afterwards.",
                type=NotificationType.WARNING,
                category="ApiKey",
                entity_type="ApiKey",
                entity_id=row["name"],
            ),
        )


def _of_device(title: str, message: str, device: str) -> Asked:
    return Asked(
        title=title,
        message=message,
        type=NotificationType.ERROR,
        category="Fiscal",
        entity_type="FiscalDevice",
        entity_id=device,
        link="/fiscal",
    )
