"""No sale: the drawer opened on somebody's word, with a reason, a slip and a line in the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from pos_app.domain import limit
from pos_app.domain.drawer import DrawerCause
from pos_app.domain.limit import Approval, Rule
from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import InvalidInput, RuleBroken
from pos_app.services import spool
from pos_app.services.drawer import opening
from pos_app.services.paper import dressed
from pos_app.services.shop import Shop
from pos_app.store import audit, drawer
from pos_app.store import shift as shifts
from printing.cash import CashKind, CashMovement
from printing.document import Document
from printing.layouts.cash import cash_movement

LONGEST_REASON = 100
OUTSIDE = "-"
"""Stands where a slip names the shift."""


class DrawerMissing(RuleBroken):
    """This till opens no drawer."""

    code = "drawer_missing"

    def __init__(self) -> None:
        super().__init__(
            "This till opens no drawer: name its printer and drawer_pin in the settings."
        )


def no_sale(
    shop: Shop, actor: Actor, opening_id: str, *, reason: str, approvals: Sequence[Approval] = ()
) -> None:
    """Open the drawer without a sale; the same opening again is the same one.

    Args:
        shop: the till.
        actor: who wants it open.
        opening_id: made by the caller; an approval is given for exactly this one.
        reason: in a few words.
        approvals: what a manager said yes to.

    Raises:
        DrawerMissing: there is no drawer to open.
        InvalidInput: the reason is missing or too long.
        PermissionMissing, ApprovalNeeded, ApprovalMismatch: not alone, or not at all.
    """
    require(actor, Permission.DRAWER_OPEN)
    said = _checked(reason)
    if not shop.rules.has_drawer:
        raise DrawerMissing
    used = limit.check(
        Rule.DRAWER_OPEN,
        Decimal(1),
        role=actor.role,
        limits=shop.rules.limits,
        sale_id=opening_id,
        approval=next((row for row in approvals if row.rule is Rule.DRAWER_OPEN), None),
    )
    approver = used.approver if used else ""
    with shop.store.write() as connection:
        if drawer.by_id(connection, opening_id) is not None:
            return
        shift = shifts.open_on(connection, shop.rules.till)
        opening.ask(
            shop,
            connection,
            opening_id,
            cause=DrawerCause.NO_SALE,
            username=actor.username,
            shift_id=shift["id"] if shift else None,
            reason=said,
            approved_by=approver,
        )
        slip = _slip(shop, actor, shift, reason=said, approver=approver)
        spool.queue(
            shop,
            connection,
            document_kind="slip",
            document_id=f"{opening_id}/drawer",
            number=0,
            make=partial(_layout, shop, slip),
        )
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action="drawer.no_sale",
            subject=opening_id,
            details={"reason": said, "approved_by": approver},
        )


def _checked(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise InvalidInput("Say why the drawer is opened without a sale: enter a reason.")
    if len(said) > LONGEST_REASON:
        raise InvalidInput(f"The reason is longer than {LONGEST_REASON} characters: shorten it.")
    return said


def _slip(
    shop: Shop, actor: Actor, shift: Mapping[str, Any] | None, *, reason: str, approver: str
) -> CashMovement:
    return CashMovement(
        kind=CashKind.NO_SALE,
        shop=shop.rules.seller.name,
        till=shop.rules.till,
        shift=f"{shift['till']}-S{shift['number']:04d}" if shift else OUTSIDE,
        cashier=actor.username,
        at=shop.local(shop.clock.now()),
        reason=reason,
        approved_by=approver,
    )


def _layout(shop: Shop, slip: CashMovement, columns: int) -> Document:
    return dressed(shop, "cash", cash_movement(slip, columns, shop.rules.paper.words))
