"""A list of receipts in the books: what they come to against sales and VAT, then their money."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, RowMapping

from pos_app.domain.ledger import RECEIVABLE, REVENUE, VAT, Line, balanced, exchanged
from pos_app.domain.money import Money
from pos_app.services.ledger import valued
from pos_app.services.ledger.planned import Planned, account_of
from pos_app.services.posting import consolidation
from pos_app.services.posting.consolidation import CONSOLIDATION
from pos_app.services.posting.sale import INVOICE
from pos_app.services.posting.step import CannotPlan
from pos_app.services.shop import Shop
from pos_app.store import consolidation as lists

__all__ = ["CONSOLIDATION", "plan"]


def plan(shop: Shop, connection: Connection, row: RowMapping) -> Iterator[Planned]:
    """The entries of a list: the sum of its receipts' own figures, so the VAT is theirs.

    Raises:
        CannotPlan: there is no such list.
        Mismatch: it is not the list it was when it was made.
        UnmappedTender: a tender is none of the shop's.
    """
    made = lists.by_id(connection, row["document_id"])
    if made is None:
        raise CannotPlan(f"The books hold no list {row['document_id']}.")
    members = lists.members_of(connection, made["id"])
    consolidation.check(made, members)
    currency, tag = made["currency"], made["tax_group"]
    owed = (
        Line(account=RECEIVABLE, debit=Money(made["total"], currency), partner=made["partner"]),
        Line(account=REVENUE, debit=-Money(made["net"], currency), tag=tag),
        Line(account=VAT, debit=-Money(made["vat"], currency), tag=tag),
    )
    # A receipt of several tax groups is in several lists, each line of it in one.
    mine = {(line["sale_id"], line["line"]) for line in lists.lines_of(connection, made["id"])}
    moves = lists.moves_of(connection, made["id"])
    moved = valued.averaged(
        connection, [move for move in moves if (move["document_id"], move["line"]) in mine]
    )
    yield Planned(
        kind=INVOICE,
        key=made["id"],
        partner=made["partner"],
        booked_on=made["business_date"],
        lines=balanced([*owed, *moved.sold(shop)]),
        moved=moved.moved,
    )
    by_currency: dict[str, list[Line]] = {}
    for part in consolidation.tendered(connection, made, members):
        kind, its = part.row["type"], part.row["currency"]
        money = Line(
            account=account_of(shop, kind, its),
            debit=Money(part.paid.settled, its),
            tag=f"{kind} {its}",
        )
        paid = Line(
            account=RECEIVABLE,
            debit=-Money(part.paid.in_document, currency),
            partner=made["partner"],
        )
        by_currency.setdefault(its, []).extend(exchanged(money, paid))
    for its, lines in sorted(by_currency.items()):
        yield Planned(
            kind="payment",
            key=f"{made['reference']}-{its}",
            partner=made["partner"],
            booked_on=made["business_date"],
            lines=balanced(_summed(lines)),
        )


def _summed(lines: list[Line]) -> Iterator[Line]:
    """One line for what goes to the same account."""
    sums: dict[tuple[object, str, str, str], list[Line]] = {}
    for line in lines:
        key = (line.account, line.partner, line.tag, line.debit.currency)
        sums.setdefault(key, []).append(line)
    for (_account, partner, tag, currency), same in sums.items():
        total = Money(sum(line.debit.minor for line in same), currency)
        yield Line(account=same[0].account, debit=total, partner=partner, tag=tag)
