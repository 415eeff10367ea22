"""Ask providers how charges and refunds stand: with back-off, one process at a time for each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from pos_app.domain import charge as rule
from pos_app.domain.charge import ChargeState, Matter, ProviderUnknown
from pos_app.services.charge import answer, book, claimed, matter, refund
from pos_app.services.charge.gateways import Gateways
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import charge as charges
from sync.errors import SyncError
from sync.gateway.port import Known, Seen

LEASE = timedelta(minutes=2)
"""Longer than one provider takes to answer or to be given up."""

BATCH = 50


def work(shop: Shop, gateways: Gateways) -> Worked:
    """Ask about everything that is due, and book what came in."""
    done, problem = 0, ""
    with shop.store.read() as connection:
        rows = charges.due(connection, shop.clock.now(), limit=BATCH)
        refunds = charges.refunds_due(connection, shop.clock.now(), limit=BATCH)
    for row in rows:
        if claim(shop, row):
            problem = look(shop, gateways, row) or problem
            done += 1
    for row in refunds:
        done += int(refund.look(shop, gateways, row, lease=LEASE))
    done += book.work(shop) + claimed.watch(shop)
    return Worked(done=done, problem=problem)


def claim(shop: Shop, row: RowMapping) -> bool:
    """Be the only process that asks about a charge now."""
    with shop.store.write() as connection:
        return charges.claim(connection, row, shop.clock.now() + LEASE)


def look(shop: Shop, gateways: Gateways, row: RowMapping) -> str:
    """Ask about one charge; what kept the provider from answering, empty when it did."""
    try:
        gateway = gateways.of(row["provider"], row["currency"])
    except ProviderUnknown as error:
        _unanswered(shop, row, error.sentence)
        return error.sentence
    known = known_of(row)
    if not gateway.can_read(known):
        _blind(shop, row)
        return ""
    try:
        seen = gateway.read(known)
    except SyncError as error:
        _unanswered(shop, row, str(error))
        return str(error)
    if seen is None:
        _absent(shop, row)
    else:
        answer.take(shop, row["id"], seen, source="look")
    return ""


def known_of(row: RowMapping) -> Known:
    """What is known of a charge when it is asked about."""
    return Known(
        key=row["id"],
        external_id=row["external_id"],
        poll_url=row["poll_url"],
        phone=row["phone"],
    )


def _blind(shop: Shop, row: RowMapping) -> None:
    """The provider never said where to ask: its callback will, or a person has to look."""
    now, end = shop.clock.now(), row["expires_at"] + rule.GRACE
    if now <= end:
        _again(shop, row, {"next_look_at": end + timedelta(seconds=1)})
        return
    why = "its answer got lost, and there is no way to ask about it."
    _again(shop, row, {"next_look_at": None}, kind=Matter.UNKNOWN, why=why)


def _absent(shop: Shop, row: RowMapping) -> None:
    """The provider has no such payment: believed after a while, if it never said that it has."""
    now = shop.clock.now()
    is_open = answer.ended(row) is None
    if is_open and not row["is_accepted"] and now > row["created_at"] + rule.QUIET:
        said = "The provider never got it: no money moves."
        seen = Seen(status="failed", message=said)
        answer.take(shop, row["id"], seen, source="look")
        return
    if not is_open:
        _again(shop, row, {"next_look_at": _upcoming(shop, row), "looks": row["looks"] + 1})
        return
    _unanswered(shop, row, "The provider does not know the payment.")


def _unanswered(shop: Shop, row: RowMapping, words: str) -> None:
    upcoming = _upcoming(shop, row)
    values = {"next_look_at": upcoming, "looks": row["looks"] + 1}
    silent_since = row["answered_at"] or row["created_at"]
    is_helpless = shop.clock.now() > silent_since + rule.HELPLESS
    if upcoming is None or is_helpless:
        why = f"nobody could say how it stands: {words[:300]}"
        _again(shop, row, values, kind=Matter.UNKNOWN, why=why)
    else:
        _again(shop, row, values)


def _upcoming(shop: Shop, row: RowMapping) -> datetime | None:
    return rule.next_look(
        shop.clock.now(),
        looks=row["looks"],
        expires_at=row["expires_at"],
        ended_at=answer.ended(row),
    )


def _again(
    shop: Shop,
    row: RowMapping,
    values: dict[str, Any],
    *,
    kind: Matter | None = None,
    why: str = "",
) -> None:
    with shop.store.write() as connection:
        known = charges.by_id(connection, row["id"])
        if known is None or known["version"] != row["version"]:
            return  # somebody heard of it in between, and said when to ask next
        charges.change(connection, known, values)
        if kind is not None and known["state"] not in (ChargeState.SUCCESS, ChargeState.REFUNDED):
            matter.put(shop, connection, kind, known, why=why)
