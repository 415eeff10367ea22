"""A document's way into SAP: its steps written down, then taken in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, RowMapping

from pos_app.services.posting import attempt
from pos_app.services.posting.ahead import Ahead
from pos_app.services.posting.kinds import KINDS
from pos_app.services.posting.step import AnyStep, CannotPlan, Mismatch
from pos_app.services.shop import Shop
from pos_app.store import posting_claim
from sync.sap.client import ServiceLayer


def walk(shop: Shop, sap: ServiceLayer, row: RowMapping, *, ahead: Ahead) -> None:
    """Take a row as far as it goes; its steps are on disk before the first is taken.

    Raises:
        CannotPlan: the books hold nothing of it.
        EarlierAway: a document it follows is not in SAP yet.
        Mismatch: SAP holds another document under its key, or its plan has changed.
        GivenUp: SAP holds nothing of it and need not.
        PosError, SyncError, NotYetVisible: what stopped it.
    """
    kind = KINDS.get(row["kind"])
    with shop.store.write() as connection:
        if kind is not None and kind.check is not None:
            kind.check(shop, connection, row)
        lines = laid_out(shop, connection, row)
    entries: dict[str, int] = {}
    for line, planned in lines:
        if planned is None:
            entries.setdefault(line["kind"], line["doc_entry"])
            continue
        step = planned.after(entries)
        entries.setdefault(line["kind"], _taken(shop, sap, row, line, step=step, ahead=ahead))


def _taken(
    shop: Shop, sap: ServiceLayer, row: RowMapping, line: RowMapping, *, step: AnyStep, ahead: Ahead
) -> int:
    no_at = ahead.no(shop, row, line)
    return attempt.take(shop, sap, row, line, step=step, no_at=no_at).doc_entry


def laid_out(
    shop: Shop, connection: Connection, row: RowMapping
) -> list[tuple[RowMapping, AnyStep | None]]:
    """The steps of a row as they are written down, each with what it is; None for one in SAP.

    Raises:
        CannotPlan, EarlierAway, Mismatch, PosError: as `walk`.
    """
    planned = {(step.kind, step.key): step for step in _plan(shop, connection, row)}
    if not posting_claim.steps_of(connection, row["queue_id"]):
        posting_claim.add_steps(connection, _written(row["queue_id"], list(planned.values())))
    return [
        (line, None if line["state"] == attempt.DONE else _planned(planned, line))
        for line in posting_claim.steps_of(connection, row["queue_id"])
    ]


def _plan(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    kind = KINDS.get(row["kind"])
    if kind is None:
        raise CannotPlan(f"Nothing here knows how to post a {row['kind']}: update the program.")
    return kind.plan(shop, connection, row)


def _written(queue_id: int, steps: Sequence[AnyStep]) -> list[dict[str, object]]:
    shared = {"queue_id": queue_id, "state": attempt.WAITING, "request": {}, "adopted": 0}
    return [
        shared | {"step": number, "kind": step.kind, "key": step.key}
        for number, step in enumerate(steps, start=1)
    ]


def _planned(planned: Mapping[tuple[str, str], AnyStep], line: RowMapping) -> AnyStep:
    step = planned.get((line["kind"], line["key"]))
    if step is None:
        known = ", ".join(key for kind, key in planned if kind == line["kind"]) or "none"
        raise Mismatch(
            f"{line['kind'].capitalize()} {line['key']} was planned, and by today's settings it is "
            f"{known}: set the accounts of the tenders back, or book it by hand."
        )
    return step
