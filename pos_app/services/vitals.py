"""What is measured of a server beside its requests: queues, ages, and who was heard of when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from sqlalchemy import Connection

from pos_app.domain.backup import BackupState
from pos_app.services.posting import line, pulse
from pos_app.services.shop import Shop
from pos_app.store import backup as backups
from pos_app.store import fiscal as journal
from pos_app.store import incident as incidents
from pos_app.store import intake, posting_claim, queue, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """A server at one moment; an age is None where there is nothing to be old.

    Attributes:
        waiting, oldest: of them on their way to SAP, and the age of the oldest.
        incidents, standing: causes for which documents stand still, and how many documents.
        fiscal, fiscal_oldest: receipts that wait for this server's fiscal device.
        troubled: of those that a person has to look at, by state.
        tills: since when nothing has come from each till that ever delivered.
        sap_up: whether SAP answered last; None before it was ever asked, or without one.
        sap_age: since when it has not answered.
        worker_age: since when no worker has said that it works.
        backup_age: of the newest good backup; None where none was ever made here.
        backup_failed: whether the newest backup came to nothing; None without any.
    """

    waiting: int
    oldest: timedelta | None
    incidents: int
    standing: int
    fiscal: int
    fiscal_oldest: timedelta | None
    troubled: Mapping[str, int]
    tills: Mapping[str, timedelta]
    sap_up: bool | None
    sap_age: timedelta | None
    worker_age: timedelta | None
    backup_age: timedelta | None
    backup_failed: bool | None


def read(shop: Shop) -> Vitals:
    """Measure everything now; raises what the store raises when it cannot be read."""
    now = shop.clock.now()
    seen, worked = line.seen(shop), pulse.seen(shop)
    with shop.store.read() as connection:
        waiting, oldest = posting_claim.waiting(connection)
        opened = incidents.opened(connection)
        fiscal, fiscal_since = journal.unsettled(connection)
        return Vitals(
            waiting=waiting,
            oldest=_age(now, oldest),
            incidents=len(opened),
            standing=sum(row["rows"] for row in opened),
            fiscal=fiscal,
            fiscal_oldest=_age(now, fiscal_since),
            troubled=_troubled(connection),
            tills={till: now - at for till, at in intake.last_heard(connection).items()},
            sap_up=seen.is_up if shop.rules.has_sap else None,
            sap_age=_age(now, seen.answered_at) if shop.rules.has_sap else None,
            worker_age=_age(now, worked),
            **_backup(connection, now),
        )


def states(shop: Shop) -> dict[str, int]:
    """How many documents are in each state of the queue, those SAP has included."""
    with shop.store.read() as connection:
        return queue.counts(connection)


class _Backup(TypedDict):
    backup_age: timedelta | None
    backup_failed: bool | None


def _backup(connection: Connection, now: datetime) -> _Backup:
    made, newest = setting.read(connection, backups.MADE_AT), backups.newest(connection)
    return {
        "backup_age": _age(now, datetime.fromisoformat(made) if made else None),
        "backup_failed": None if newest is None else newest["state"] == BackupState.FAILED,
    }


def _troubled(connection: Connection) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in journal.troubled(connection):
        found[row["state"]] = found.get(row["state"], 0) + 1
    return found


def _age(now: datetime, since: datetime | None) -> timedelta | None:
    return None if since is None else max(now - since, timedelta(0))
