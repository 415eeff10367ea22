"""One whole note from a request, through the screen's own use cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pos_app.domain.limit import Approval, ApprovalNeeded
from pos_app.domain.money import Money
from pos_app.domain.note import NoteKind, WantedLine
from pos_app.domain.permission import Actor
from pos_app.services import original, original_share, quick_sale, refund, sale, sign_in
from pos_app.services.original_entry import EnteredOriginal
from pos_app.services.original_share import Receipts
from pos_app.services.quick_sale import Consent
from pos_app.services.refund import AskedNote
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedNoteLine:
    """One line as a caller asks for it; the amount is in the receipt's own currency."""

    line: int
    quantity: Decimal | None = None
    amount: Decimal | None = None
    batch: str = ""
    is_damaged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedNote:
    """A note as a caller asks for it; `content` is the canonical text of the request.

    Attributes:
        lines: what comes back; empty for all that is left of the receipt.
        tender: how to pay back; empty texts for the way most of it was paid.
        entered: the original from its paper, where this till does not know it.
    """

    user: str
    pin: str
    receipt: str
    reason: str
    content: str
    kind: NoteKind = NoteKind.CREDIT
    lines: Sequence[WantedNoteLine] = ()
    is_damaged: bool = False
    reference: str = ""
    tender: str = ""
    currency: str = ""
    slip: str = ""
    consent: Consent | None = None
    entered: EnteredOriginal | None = None


def make(shop: Shop, wanted: WantedNote, *, server: Receipts | None = None) -> Posted:
    """Make the note, or give the first answer again for a reference that is known.

    Args:
        shop: the till.
        wanted: the note.
        server: where a receipt of another till is asked for.

    Raises:
        PosError: whatever the screen would say; nothing was stored.
    """
    actor = sign_in.with_pin(shop, wanted.user, wanted.pin)
    if wanted.reference:
        known = sale.replay(shop, wanted.reference, wanted.content)
        if known is not None:
            return known
    if wanted.entered is None:
        original_share.know(shop, actor, server, wanted.receipt)
    return _post(shop, actor, _asked(shop, wanted), wanted)


def _asked(shop: Shop, wanted: WantedNote) -> AskedNote:
    entered = wanted.entered
    if entered is not None:
        currency = shop.rules.currencies.get(entered.currency).code
    else:
        currency = original.show(shop, wanted.receipt).currency
    return AskedNote(
        id=shop.ids.new(),
        receipt=wanted.receipt,
        reason=wanted.reason,
        lines=tuple(
            WantedLine(
                line=row.line,
                quantity=row.quantity,
                amount=None if row.amount is None else Money.of(row.amount, currency),
                batch=row.batch,
                is_damaged=row.is_damaged,
            )
            for row in wanted.lines
        ),
        is_damaged=wanted.is_damaged,
        tender=wanted.tender,
        currency=wanted.currency,
        slip=wanted.slip,
        kind=wanted.kind,
        entered=entered,
    )


def _post(shop: Shop, actor: Actor, asked: AskedNote, wanted: WantedNote) -> Posted:
    approvals: tuple[Approval, ...] = ()
    while True:
        try:
            return refund.post(
                shop,
                actor,
                asked,
                approvals=approvals,
                reference=wanted.reference,
                content=wanted.content,
            )
        except ApprovalNeeded as needed:
            given = {approval.rule for approval in approvals}
            if wanted.consent is None or needed.details["rule"] in given:
                raise
            approvals += (
                quick_sale.approve(shop, actor, asked.id, needed, consent=wanted.consent),
            )
