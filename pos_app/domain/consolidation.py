"""End-of-day consolidation: which receipts one SAP invoice stands for, and whose money is in it.

A list of receipts is fixed before anything is sent and never grows: what comes later goes into
the next list (production lesson L30). Its identity is made of its members, so a list that was
changed no longer answers to its own name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CENT = Decimal("0.01")
"""So far SAP lets the money of a payment and what it pays be apart, where two rates meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What all receipts of one consolidated invoice share.

    Attributes:
        day: their business date, and so the date of the invoice.
        rate: frozen at the sale; a document of SAP has one.
        tax_group: a receipt with several is in as many lists, with the lines of each.
    """

    day: date
    partner: str
    currency: str
    rate: Decimal | None
    tax_group: str


def identity(group: Group, sale_ids: Iterable[str]) -> str:
    """The key SAP is asked for: made of the members, so no other list ever has it (lesson L30)."""
    rate = "" if group.rate is None else f"{group.rate.normalize():f}"
    head = (group.day.isoformat(), group.partner, group.currency, rate, group.tax_group)
    told = "\n".join((*head, *sorted(sale_ids)))
    return f"CON-{hashlib.sha256(told.encode()).hexdigest()[:40]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """One tender of a receipt, or the part of it that belongs to one tax group; minor units.

    Attributes:
        line: of the tender on its receipt.
        in_document: what it pays, in the receipt's currency.
        settled: what stayed in the drawer or the account, in its own currency.
    """

    line: int
    in_document: int
    settled: int


def shared(grosses: Mapping[str, int], tenders: Sequence[Paid]) -> dict[str, list[Paid]]:
    """Give each tax group of a receipt its part of each tender, to the cent.

    Groups are filled in their order, tender by tender, so most tenders stay whole; what was
    settled follows what it pays, and the last part takes the rest.

    Args:
        grosses: gross amount by tax group; together what the receipt comes to.
        tenders: together the same.
    """
    left = {tender.line: tender.in_document for tender in tenders}
    made: dict[str, list[Paid]] = {group: [] for group in grosses}
    for group, gross in sorted(grosses.items()):
        wanted = gross
        for tender in tenders:
            part = min(wanted, left[tender.line])
            if part > 0:
                before = tender.in_document - left[tender.line]
                made[group].append(_part(tender, before, part))
                left[tender.line] -= part
                wanted -= part
    return made


def _part(tender: Paid, before: int, part: int) -> Paid:
    """From `before` on so much of a tender; the parts of all add up to it exactly."""
    upto, since = _settled(tender, before + part), _settled(tender, before)
    return Paid(line=tender.line, in_document=part, settled=upto - since)


def _settled(tender: Paid, upto: int) -> int:
    """What was settled of the first so many minor units, to the nearest one."""
    return (2 * tender.settled * upto + tender.in_document) // (2 * tender.in_document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Money received and what it pays, both in the currency in which they are compared."""

    received: Decimal
    pays: Decimal


def pieces(amounts: Sequence[Amount]) -> list[list[int]]:
    """Which amounts are one payment, so that its money and what it pays are at most a cent apart.

    What was rounded up and what was rounded down are put side by side, so there are few. A payment
    without money is none: what it would pay goes with the one that has most over. Only what no
    payment can take within a cent is in none, and stays open.
    """
    order = _balanced(amounts)
    made = [[order[at] for at in run] for run in runs([amounts[place] for place in order])]
    paid = [piece for piece in made if any(amounts[place].received for place in piece)]
    for piece in made:
        if piece not in paid:
            for place in piece:
                best = max(paid, key=lambda one: _over(amounts, one), default=None)
                if best is not None and _over(amounts, [*best, place]) >= -CENT:
                    best.append(place)
    return [sorted(piece) for piece in paid]


def _over(amounts: Sequence[Amount], places: Sequence[int]) -> Decimal:
    return sum((amounts[at].received - amounts[at].pays for at in places), Decimal(0))


def _balanced(amounts: Sequence[Amount]) -> list[int]:
    """The places of all, in turn what brings money and what it pays together again."""
    over = [at for at, one in enumerate(amounts) if one.received >= one.pays]
    under = [at for at, one in enumerate(amounts) if one.received < one.pays]
    made: list[int] = []
    apart = Decimal(0)
    while over or under:
        mine = under if under and (apart > 0 or not over) else over
        made.append(mine.pop(0))
        apart += _over(amounts, made[-1:])
    return made


def runs(amounts: Sequence[Amount]) -> list[range]:
    """Cut a row of amounts so that in each piece money and what it pays are at most a cent apart.

    Money of one currency that pays documents of another was rounded receipt by receipt; SAP
    converts the sum once. Many roundings would add up to more than it lets pass.
    """
    made: list[range] = []
    first, apart = 0, Decimal(0)
    for place, amount in enumerate(amounts):
        step = amount.received - amount.pays
        if place > first and abs(apart + step) > CENT:
            made.append(range(first, place))
            first, apart = place, Decimal(0)
        apart += step
    return [*made, range(first, len(amounts))] if amounts else []
