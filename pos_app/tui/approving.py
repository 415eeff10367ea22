"""Deeds above somebody's limit: ask a manager on the spot, then do the same deed again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import TypeVar

from pos_app.domain import limit as limits
from pos_app.domain.limit import AMOUNT, UNITS, Approval, ApprovalNeeded, Rule
from pos_app.services import sign_in
from pos_app.tui.place import Place
from pos_app.tui.widgets.approval import ApprovalDialog

T = TypeVar("T")

Attempt = Callable[[tuple[Approval, ...]], Awaitable[T]]
"""Does the deed with the approvals gathered so far."""


async def with_approval(place: Place, attempt: Attempt[T], *, sale_id: str) -> T | None:
    """Do a deed, asking for each approval it needs; None when one was not given.

    Raises:
        PosError: whatever the deed refuses with, other than for want of an approval.
    """
    given: tuple[Approval, ...] = ()
    while True:
        try:
            return await attempt(given)
        except ApprovalNeeded as needed:
            if needed.details["rule"] in {approval.rule.value for approval in given}:
                raise
            approver = partial(_approve, place, needed=needed, sale_id=sale_id)
            dialog = ApprovalDialog(needed.sentence, approver)
            approval = await place.app.push_screen_wait(dialog)
        if approval is None:
            place.tell("Not approved, so nothing was changed.", kind="warning")
            return None
        given += (approval,)


async def _approve(
    place: Place, user: str, pin: str, reason: str, *, needed: ApprovalNeeded, sale_id: str
) -> Approval:
    till = place.till
    cashier, shop = till.desk.require_actor(), till.shop
    rule = Rule(str(needed.details["rule"]))
    currency = str(needed.details["unit"]) if UNITS[rule] == AMOUNT else ""

    def run() -> Approval:
        return limits.approve(
            rule,
            Decimal(str(needed.details["asked"])),
            approver=sign_in.with_pin(shop, user, pin),
            cashier=cashier,
            limits=shop.rules.limits,
            sale_id=sale_id,
            reason=reason,
            at=shop.clock.now(),
            currency=currency,
        )

    return await till.lanes.perform(f"approve {sale_id}", run)
