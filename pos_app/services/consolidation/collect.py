"""Which documents wait for the end of the day instead of going to SAP by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.consolidation import Paid
from pos_app.domain.posting import PostingState
from pos_app.domain.tender import SapMeans
from pos_app.services.shop import Rules, Shop
from pos_app.store import consolidation as lists
from pos_app.store import sale as sales


def state_of(shop: Shop, connection: Connection, header: Mapping[str, Any]) -> PostingState:
    """How a sale or note that has just been stored is queued for SAP.

    A note of a receipt that waits for a list waits with it, since SAP has nothing to credit yet.
    """
    if header["kind"] != "invoice":
        waits = lists.is_collected(connection, header["original_id"] or "")
        return PostingState.COLLECTED if waits else PostingState.PENDING
    if not shop.rules.sap.consolidates:
        return PostingState.PENDING
    tenders = sales.tenders_of(connection, header["id"])
    qualifies = is_settled(shop.rules, header, tenders)
    return PostingState.COLLECTED if qualifies else PostingState.PENDING


def is_settled(rules: Rules, header: Mapping[str, Any], tenders: Sequence[RowMapping]) -> bool:
    """Whether it was paid when it was made, so that nobody has to find its own invoice again.

    What is owed stays an invoice of its own, which is due, reminded of and paid by itself.
    """
    means = {kind.code: kind.sap_means for kind in rules.tender_types}
    paid = sum(
        tender["in_document"]
        for tender in tenders
        if means.get(tender["type"], SapMeans.ACCOUNT) != SapMeans.ACCOUNT
    )
    is_whole = min(gross_by_group(header["taxes"]).values(), default=-1) >= 0
    return bool(is_whole and paid == header["total"] and header["total"] > 0)


def gross_by_group(taxes: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """What a receipt comes to in each of its tax groups; minor units."""
    made: defaultdict[str, int] = defaultdict(int)
    for tax in taxes:
        made[tax["group"]] += tax["gross"]
    return dict(made)


def paid_of(tenders: Sequence[RowMapping]) -> list[Paid]:
    """Tenders of one receipt as they are shared among its tax groups."""
    return [
        Paid(line=row["line"], in_document=row["in_document"], settled=row["settled"])
        for row in tenders
    ]
