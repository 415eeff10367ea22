"""Credit and debit notes: one transaction, after which the note exists, as a sale does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.drawer import DrawerCause
from pos_app.domain.limit import Approval
from pos_app.domain.money import Money
from pos_app.domain.note import (
    DebitNotesOff,
    NoteKind,
    WantedLine,
    check_balance,
    check_reason,
    compose,
    everything_left,
)
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.refund import Refund, check_age, pay_back
from pos_app.domain.shift import ShiftNotOpen, check_drawer
from pos_app.domain.tender import Settled, Settlement
from pos_app.services import (
    credit,
    document,
    fiscal_request,
    fiscal_standing,
    limit,
    note,
    note_request,
    original_entry,
    sale,
)
from pos_app.services import original as lookup
from pos_app.services.drawer.opening import open_for
from pos_app.services.original import Original
from pos_app.services.original_entry import EnteredOriginal
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.store import audit, setting, stock
from pos_app.store import fiscal as journal
from pos_app.store import item as items
from pos_app.store import original as originals
from pos_app.store import sale as sales
from pos_app.store import shift as shifts

CASH = "cash"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedNote:
    """A note as somebody wants it.

    Attributes:
        id: identity of the note, for ever; approvals are bound to it.
        receipt: number of the original.
        reason: filed with the note and printed on it.
        lines: what comes back; empty for all that is left of the receipt.
        is_damaged: of a whole receipt: its goods cannot be sold again.
        tender: code of the way to pay back; empty for how most of it was paid.
        currency: to pay back in; empty for the one it was paid in.
        slip: reference of the payment, where the tender needs one.
        entered: the original from its paper, where this till does not know it.
    """

    id: str
    receipt: str
    reason: str
    lines: tuple[WantedLine, ...] = ()
    is_damaged: bool = False
    tender: str = ""
    currency: str = ""
    slip: str = ""
    kind: NoteKind = NoteKind.CREDIT
    entered: EnteredOriginal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A note that could be made now.

    Attributes:
        wanted: what is asked of each line, also where everything was asked for.
        settled: what is paid back and how, positive.
        is_other_currency: whether it is paid back in a currency it was not paid in.
        entered: the row of an original that was entered for this note.
    """

    original: Original
    wanted: tuple[WantedLine, ...]
    note: Refund
    settled: Settled
    is_other_currency: bool
    entered: Mapping[str, Any] | None = None


def preview(shop: Shop, actor: Actor, asked: AskedNote) -> Draft:
    """What the note would come to; nothing is stored, and limits are not asked yet.

    Raises:
        PosError: why it cannot be made.
    """
    require(actor, Permission.REFUND_MAKE)
    with shop.store.read() as connection:
        return _draft(shop, connection, actor, asked)


def post(
    shop: Shop,
    actor: Actor,
    asked: AskedNote,
    *,
    approvals: Sequence[Approval] = (),
    reference: str = "",
    content: str = "",
) -> Posted:
    """Make a note final in one durable transaction; what is left of its original is read in it.

    Args:
        shop: the till.
        actor: who pays back.
        asked: the note.
        approvals: what managers agreed to, each for exactly this note.
        reference: the caller's own key, unique for ever; again, it gives the first answer.
        content: canonical text of what the caller asked for; tells a repetition from a reuse.

    Raises:
        ReferenceConflict: the reference belongs to a document of another content.
        ApprovalNeeded: above the limit of the actor.
        RuleBroken, NotAllowed, InvalidInput: a rule of the shop says no; nothing was stored.
        DatabaseBusy, DiskFull: nothing was stored.
        OutcomeUnknown: the commit itself failed; ask again with the same note.
    """
    require(actor, Permission.REFUND_MAKE)
    text = document.content_hash(content or _text_of(asked))
    with shop.store.write() as connection:
        known = sale.known_as(connection, asked.id, reference)
        if known is not None:
            return sale.first_answer(connection, known, text, reference)
        shift_id = shifts.open_id(connection, shop.rules.till)
        if shift_id is None:
            raise ShiftNotOpen(shop.rules.till)
        fiscal_standing.check(shop, connection)
        draft = _draft(shop, connection, actor, asked)
        used = _allowed(shop, connection, actor, asked, draft, approvals=approvals)
        _check_cash(connection, shift_id, asked, draft)
        asking = {"reference": reference or None, "content_hash": text, "shift_id": shift_id}
        rows = _rows(shop, connection, actor, asked, draft=draft, asking=asking)
        _store(shop, connection, draft, rows=rows)
        if draft.settled.tender.type.opens_drawer:
            open_for(
                shop,
                connection,
                DrawerCause.REFUND,
                username=actor.username,
                shift_id=shift_id,
                document_id=asked.id,
            )
        _audit(connection, rows.header, draft, used)
    return sale.answer(rows.header, (), replayed=False)


def _draft(shop: Shop, connection: Connection, actor: Actor, asked: AskedNote) -> Draft:
    check_reason(asked.reason)
    kind = asked.kind
    if kind is NoteKind.DEBIT and not shop.rules.fiscal.takes_debit_notes:
        raise DebitNotesOff(shop.rules.fiscal.profile)
    entered = None
    if asked.entered is None:
        original = lookup.load(shop, connection, asked.receipt)
    else:
        entered = original_entry.row_of(shop, connection, asked.entered, username=actor.username)
        original = lookup.of_row(shop, connection, entered)
    check_age(original.sold_on, shop.today)
    wanted = asked.lines or everything_left(
        original.sold, original.receipt, is_damaged=asked.is_damaged
    )
    made = compose(kind, original.sold, wanted)
    if shop.rules.fiscal.is_required:
        note_request.check_taxes(original, made)
    if kind is NoteKind.CREDIT:
        check_balance(original.receipt, asked=made.total, left=original.left)
    settled = _settled(shop, asked, original, made)
    paid_in = {currency for _, currency in original.paid_with} or {original.currency}
    return Draft(
        original=original,
        wanted=wanted,
        note=made,
        settled=settled,
        is_other_currency=settled.settled.currency not in paid_in,
        entered=entered,
    )


def _settled(shop: Shop, asked: AskedNote, original: Original, made: Refund) -> Settled:
    """The money that goes back, at the receipt's own frozen rate."""
    first = original.paid_with[0] if original.paid_with else (CASH, original.currency)
    code = asked.tender or first[0]
    own = next((row for row in original.paid_with if row[0] == code), first)
    currency = shop.rules.currencies.get(asked.currency).code if asked.currency else own[1]
    return pay_back(
        made.total,
        shop.rules.tender_type(code),
        currency=currency,
        rate=original.rate,
        reference=asked.slip,
    )


def _allowed(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    asked: AskedNote,
    draft: Draft,
    *,
    approvals: Sequence[Approval],
) -> tuple[Approval, ...]:
    """Paying back is limited; a debit note takes money, or is owed like a sale on account."""
    tender, partner = draft.settled.tender, draft.original.partner
    credit.check_tenders(shop, [tender], partner=partner)
    if asked.kind is NoteKind.DEBIT:
        owed = Settlement(draft.note.total, (draft.settled,)).owed
        passed = credit.check_sale(
            shop,
            connection,
            actor,
            partner=partner,
            owed=owed,
            document_id=asked.id,
            approvals=approvals,
        )
        return (passed.approval,) if passed.approval else ()
    return limit.check_refund(
        shop,
        actor,
        asked.id,
        total=draft.note.total,
        is_other_currency=draft.is_other_currency,
        is_entered=draft.original.is_entered,
        approvals=approvals,
    )


def _check_cash(connection: Connection, shift_id: str, asked: AskedNote, draft: Draft) -> None:
    """Cash goes back only out of what is in the drawer."""
    settled = draft.settled
    if asked.kind is NoteKind.DEBIT or settled.tender.type.code != CASH:
        return
    held = shifts.balances_of(connection, shift_id, CASH)
    check_drawer(
        {currency: Money(minor, currency) for currency, minor in held.items()}, settled.settled
    )


def _rows(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    asked: AskedNote,
    *,
    draft: Draft,
    asking: Mapping[str, Any],
) -> document.Rows:
    known = items.find_by_codes(connection, {row.line.item for row in draft.note.lines})
    managed = frozenset(code for code, item in known.items() if item.is_batch_managed)
    number = setting.next_number(connection, f"receipt:{shop.rules.till}")
    header = note.header_row(
        shop,
        actor,
        draft.note,
        kind=asked.kind,
        original=draft.original,
        number=number,
        posted_at=shop.clock.now(),
        extra={"id": asked.id, "notes": check_reason(asked.reason), **asking},
    )
    return document.Rows(
        header=header,
        lines=note.line_rows(
            shop,
            asked.id,
            draft.note,
            kind=asked.kind,
            original=draft.original,
            wanted=draft.wanted,
        ),
        tenders=note.tender_rows(asked.id, draft.settled, sign=asked.kind.sign),
        change=[],
        moves=note.moves(
            shop,
            asked.id,
            draft.note,
            original=draft.original,
            wanted=draft.wanted,
            managed=managed,
        ),
        original=_told(connection, draft),
    )


def _told(connection: Connection, draft: Draft) -> Mapping[str, Any] | None:
    """What the server must be told of the original, since nobody else will."""
    if not draft.original.is_entered:
        return None
    row = draft.entered or originals.by_id(connection, draft.original.id)
    return dict(row) if row is not None else None


def _store(shop: Shop, connection: Connection, draft: Draft, *, rows: document.Rows) -> None:
    header, now = rows.header, rows.header["posted_at"]
    if draft.entered is not None:
        originals.put(connection, draft.entered)
    stock.take(connection, rows.moves, now)
    sales.add(
        connection,
        header=header,
        lines=rows.lines,
        tenders=rows.tenders,
        change=rows.change,
    )
    shifts.add_movements(connection, _movements(rows))
    if header["is_fiscal"]:
        request = note_request.for_note(
            shop, connection, draft.note, original=draft.original, header=header
        )
        journal.add(connection, fiscal_request.intent(shop, header, request, now))
    sale.enqueue(shop, connection, rows)


def _movements(rows: document.Rows) -> list[dict[str, Any]]:
    """What leaves the drawer, or for a debit note comes into it."""
    header = rows.header
    kind = "refund" if header["kind"] == NoteKind.CREDIT else "sale"
    return [
        {
            "shift_id": header["shift_id"],
            "kind": kind,
            "tender_type": row["type"],
            "currency": row["currency"],
            "amount": row["tendered"],
            "document_id": header["id"],
            "username": header["username"],
            "reason": header["notes"],
            "at": header["posted_at"],
        }
        for row in rows.tenders
    ]


def _audit(
    connection: Connection,
    header: Mapping[str, Any],
    draft: Draft,
    used: Sequence[Approval],
) -> None:
    total = Money(header["total"], header["currency"])
    audit.append(
        connection,
        at=header["posted_at"],
        actor=header["username"],
        action="refund.post",
        subject=header["receipt"],
        details={
            "sale": header["id"],
            "original": draft.original.receipt,
            "total": total.label,
            "reason": header["notes"],
            "approvals": [
                {"rule": row.rule.value, "by": row.approver, "reason": row.reason} for row in used
            ],
        },
    )


def _text_of(asked: AskedNote) -> str:
    """What was asked for, so that a repeated reference is told from a reused one."""
    return document.canonical(
        {
            "kind": asked.kind.value,
            "receipt": asked.receipt,
            "reason": asked.reason,
            "damaged": asked.is_damaged,
            "lines": [
                [
                    row.line,
                    None if row.quantity is None else format(row.quantity, "f"),
                    str(row.amount) if row.amount else None,
                    row.batch,
                    row.is_damaged,
                ]
                for row in asked.lines
            ],
            "tender": [asked.tender, asked.currency, asked.slip],
            "entered": str(asked.entered) if asked.entered else None,
        }
    )
