"""Fix the lists: everything that waits goes into one, and each list is queued for SAP."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.consolidation import Group, identity
from pos_app.domain.money import Money
from pos_app.errors import StaleRecord
from pos_app.services.posting.consolidation import CONSOLIDATION
from pos_app.services.posting.queueing import Queueing, enqueue
from pos_app.services.shop import Shop
from pos_app.store import audit, setting
from pos_app.store import consolidation as lists

TURN = "consolidation:run"
LAST_RUN = "consolidation.last_run"
SOURCE = "consolidation"


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """One list as it is fixed, or would be.

    Attributes:
        receipts: numbers of its members.
    """

    id: str
    reference: str
    group: Group
    total: Money
    receipts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run put into lists; nothing where nothing waited.

    Attributes:
        until: the last business date it looked at.
    """

    until: date
    lists: tuple[List, ...]
    is_dry: bool = False

    @property
    def receipts(self) -> int:
        """How many receipts; one with several tax groups is in several lists and counts once."""
        return len({receipt for made in self.lists for receipt in made.receipts})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one receipt brings into one list."""

    header: RowMapping
    net: int
    vat: int
    gross: int


def run(shop: Shop, *, by: str, until: date | None = None, is_dry: bool = False) -> Run:
    """Put every receipt that waits, up to a business date, into lists of that and earlier days.

    What arrives later goes into the next run, in a list of its own day (production lessons L29,
    L30). Asked again it finds nothing: a receipt's tax group is in one list for ever. Of two at
    once the second waits for the first, and finds nothing either.

    Args:
        shop: the server.
        by: who asks.
        until: the last business date; None is today's.
        is_dry: only say which lists it would be.
    """
    last = until or shop.today
    if is_dry:
        with shop.store.read() as connection:
            groups = _grouped(lists.collected(connection, last))
        made = tuple(_list(group, parts, "") for group, parts in groups.items())
        return Run(until=last, lists=made, is_dry=True)
    with shop.store.write() as connection:
        setting.next_number(connection, TURN)
        return _run(shop, connection, by=by, until=last)


def due(shop: Shop) -> Run | None:
    """The run of the day when its time has come and nobody has done it; None when it is not due.

    A shop that no longer consolidates lets what still waits go by itself.
    """
    rules = shop.rules.sap
    if not rules.consolidates:
        _let_go(shop)
        return None
    local = shop.local(shop.clock.now())
    if rules.consolidate_at is None or local.time() < rules.consolidate_at:
        return None
    day = local.date().isoformat()
    with shop.store.read() as connection:
        if setting.read(connection, LAST_RUN) == day:
            return None
    with shop.store.write() as connection:
        setting.next_number(connection, TURN)
        if setting.read(connection, LAST_RUN) == day:
            return None
        setting.write(connection, LAST_RUN, day)
        return _run(shop, connection, by=SOURCE, until=shop.today)


def _let_go(shop: Shop) -> None:
    with shop.store.read() as connection:
        if not lists.waiting(connection):
            return
    with shop.store.write() as connection:
        setting.next_number(connection, TURN)
        lists.let_go(connection, lists.waiting(connection), at=shop.clock.now())


def _run(shop: Shop, connection: Connection, *, by: str, until: date) -> Run:
    found = lists.collected(connection, until)
    made = [_fix(shop, connection, *group, by=by) for group in _grouped(found).items()]
    queue_ids = [row["queue_id"] for row in found]
    if lists.enlist(connection, queue_ids) != len(queue_ids):
        raise StaleRecord("posting queue", until.isoformat())
    lists.let_go(connection, lists.notes_behind(connection), at=shop.clock.now())
    done = Run(until=until, lists=tuple(made))
    if made:
        details = {"lists": [one.reference for one in made], "receipts": done.receipts}
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=by,
            action="consolidation.run",
            subject=until.isoformat(),
            details=details,
        )
    return done


def _grouped(headers: Iterable[RowMapping]) -> dict[Group, list[_Part]]:
    """Receipts by what they must share; one with several tax groups brings a part to each."""
    made: defaultdict[Group, list[_Part]] = defaultdict(list)
    for header in headers:
        for tax_group, sums in _sums(header["taxes"]).items():
            group = Group(
                day=header["business_date"],
                partner=header["partner"],
                currency=header["currency"],
                rate=header["rate"],
                tax_group=tax_group,
            )
            made[group].append(_Part(header=header, **sums))
    return dict(made)


def _sums(taxes: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    made: dict[str, dict[str, int]] = {}
    for tax in taxes:
        sums = made.setdefault(tax["group"], {"net": 0, "vat": 0, "gross": 0})
        for name in sums:
            sums[name] += tax[name]
    return made


def _list(group: Group, parts: Sequence[_Part], reference: str) -> List:
    return List(
        id=identity(group, (part.header["id"] for part in parts)),
        reference=reference,
        group=group,
        total=Money(sum(part.gross for part in parts), group.currency),
        receipts=tuple(sorted(part.header["receipt"] for part in parts)),
    )


def _fix(
    shop: Shop, connection: Connection, group: Group, parts: Sequence[_Part], *, by: str
) -> List:
    name = f"CONSOL-{group.day:%Y%m%d}-{group.partner}-{group.currency}"
    made = _list(group, parts, f"{name}-{setting.next_number(connection, name)}")
    header = {
        "id": made.id,
        "reference": made.reference,
        "business_date": group.day,
        "partner": group.partner,
        "partner_name": parts[0].header["partner_name"],
        "currency": group.currency,
        "rate": group.rate,
        "tax_group": group.tax_group,
        "members": len(parts),
        "net": sum(part.net for part in parts),
        "vat": sum(part.vat for part in parts),
        "total": made.total.minor,
        "made_at": shop.clock.now(),
        "made_by": by,
    }
    lists.add(connection, header, [_member(part, made) for part in parts])
    document = Queueing(
        kind=CONSOLIDATION,
        document_id=made.id,
        reference=made.reference,
        source=SOURCE,
        partner=group.partner,
        total=made.total,
        created_by=by,
    )
    enqueue(shop, connection, document)
    return made


def _member(part: _Part, made: List) -> dict[str, Any]:
    return {
        "sale_id": part.header["id"],
        "tax_group": made.group.tax_group,
        "consolidation_id": made.id,
        "net": part.net,
        "vat": part.vat,
        "gross": part.gross,
    }
