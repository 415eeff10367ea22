"""Send what is in the spool: intent first, handed over once, a lost answer left to people.

A letter of which nobody knows whether it arrived is never sent again by itself: a person may, and
then it is the same letter with the same Message-ID (docs/decisions/0027-mail.md).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import RowMapping

from pos_app.domain.mail import MailState
from pos_app.services.mail import view
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import mail as spool
from sync.mail.letter import Carrier, Delivery, Fate, Letter
from sync.retry import RetryRule

LEASE = timedelta(minutes=30)
"""Longer than the slowest delivery: each step has its own limit, the last one ten minutes."""

AGAIN = RetryRule(first=timedelta(seconds=30), longest=timedelta(hours=2))
GIVE_UP = timedelta(days=3)
"""So long a letter is tried; then a person has to look (RFC 5321 §4.5.4.1 asks for 4 to 5 days)."""

LOST = "The server stopped while the mail was handed over: ask whether it came."
TOO_LATE = "It could not be sent while somebody wanted it."


def work(
    shop: Shop, carrier: Carrier, *, owner: str, limit: int = 20, rng: Random | None = None
) -> Worked:
    """Send what is due, oldest first; any number of processes may.

    Args:
        shop: the server.
        carrier: takes letters out of the house.
        owner: names this process.
        limit: of letters in one go.
        rng: spreads second tries, so that many servers do not come back in step.
    """
    with shop.store.read() as connection:
        if not spool.has_work(connection, shop.clock.now()):
            return _worked(shop, 0)
    done, chance = _tidy(shop), rng or Random()  # noqa: S311 - spreads tries, guards nothing
    for _ in range(limit):
        claimed = _claim(shop, owner)
        if claimed is None:
            break
        delivery = carrier.carry(_letter(claimed), partial(_hand, shop, claimed))
        done += _settle(shop, claimed, delivery, chance)
        if delivery.is_server_away:
            break
    return _worked(shop, done)


def _tidy(shop: Shop) -> int:
    now = shop.clock.now()
    with shop.store.write() as connection:
        lost = spool.lose(connection, now=now, reason=LOST)
        return lost + spool.expire(connection, now=now, reason=TOO_LATE)


def _claim(shop: Shop, owner: str) -> RowMapping | None:
    with shop.store.write() as connection:
        return spool.claim(connection, owner=owner, now=shop.clock.now(), lease=LEASE)


def _letter(claimed: RowMapping) -> Letter:
    return Letter(
        id=claimed["id"],
        sender=claimed["sender"],
        recipients=tuple(claimed["left_over"]),
        message=bytes(claimed["message"]),
    )


def _hand(shop: Shop, claimed: RowMapping) -> bool:
    """Write down that the last byte leaves now; False when the letter is not ours any more."""
    values = {"state": MailState.HANDED.value, "handed_at": shop.clock.now()}
    with shop.store.write() as connection:
        return spool.move(connection, claimed, values)


def _settle(shop: Shop, claimed: RowMapping, delivery: Delivery, rng: Random) -> int:
    if delivery.fate is Fate.LEFT:
        return 0
    now = shop.clock.now()
    values = _outcome(claimed, delivery, now, rng)
    freed = {"lease_owner": None, "lease_until": None, "reason": delivery.reason}
    with shop.store.write() as connection:
        return int(spool.move(connection, claimed, freed | values))


def _outcome(claimed: RowMapping, delivery: Delivery, now: datetime, rng: Random) -> dict[str, Any]:
    """The row after an attempt."""
    match delivery.fate:
        case Fate.SENT if delivery.later:
            left = [*delivery.later, *delivery.refused]
            return _again(claimed, delivery, now, rng) | {"left_over": left}
        case Fate.SENT if delivery.refused:
            left = list(delivery.refused)
            return {"state": MailState.FAILED.value, "left_over": left, "ended_at": now}
        case Fate.SENT:
            sent = {"state": MailState.SENT.value, "left_over": [], "message": b""}
            return sent | {"ended_at": now}
        case Fate.UNKNOWN:
            return {"state": MailState.UNKNOWN.value, "ended_at": now}
        case Fate.REFUSED:
            return {"state": MailState.FAILED.value, "ended_at": now}
        case _:
            return _again(claimed, delivery, now, rng)


def _again(claimed: RowMapping, delivery: Delivery, now: datetime, rng: Random) -> dict[str, Any]:
    failures = claimed["failures"] + 1
    if now - claimed["queued_at"] >= GIVE_UP:
        reason = f"Given up after {GIVE_UP.days} days. {delivery.reason}"
        return {
            "state": MailState.FAILED.value,
            "failures": failures,
            "reason": reason,
            "ended_at": now,
        }
    at = AGAIN.next_at(now, failures, rng)
    return {"state": MailState.PENDING.value, "failures": failures, "try_at": at}


def _worked(shop: Shop, done: int) -> Worked:
    seen = view.standing(shop)
    with shop.store.read() as connection:
        next_at = spool.next_due(connection)
    return Worked(done=done, waiting=seen.waiting, next_at=next_at, problem=seen.problem)
