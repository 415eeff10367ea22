"""Papers of documents: by the shop's template, or as the shop's own page where it has none."""

from __future__ import annotations

import hashlib
import html as markup_words
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, RowMapping

from pos_app.domain.paperwork import DOORS, DocumentKind
from pos_app.domain.permission import Actor
from pos_app.domain.template import STANDARD, TemplateInvalid
from pos_app.services import (
    invoice_paper,
    invoice_view,
    saved_paper,
    spool,
    statement,
    statement_paper,
)
from pos_app.services.credit_note import view as notes
from pos_app.services.mail import view as mails
from pos_app.services.paperwork import facts, render, subject, template
from pos_app.services.paperwork.subject import Subject
from pos_app.services.paperwork.template import Draft, Template
from pos_app.services.saved_paper import CannotMakePaper, Form
from pos_app.services.shop import Shop
from pos_app.services.trade import paper as trade_paper
from pos_app.services.trade import view as trades
from pos_app.store import audit
from pos_app.store import paperwork as rows
from printing import markup
from printing.document import PAGE_WIDTH, Align, Document, Text
from printing.errors import PrintingError

OWN_PAGE = "Standard"
RECEIPTS = frozenset({DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE})


class PaperForm(StrEnum):
    """What kind of file."""

    PDF = "pdf"
    HTML = "html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A paper that was made."""

    subject: Subject
    template: Template | None
    form: PaperForm
    name: str
    data: bytes

    @property
    def template_name(self) -> str:
        """The template's name, or that of the shop's own page."""
        return self.template.draft.name if self.template else OWN_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was made of a document before, and of a letter how far it is."""

    id: int
    kind: DocumentKind
    number: int
    name: str
    template_name: str
    action: str
    recipient: str
    subject: str
    is_sent: bool | None
    problem: str
    username: str
    made_at: datetime


def make(
    shop: Shop, found: Subject, *, template_id: int | None = None, form: PaperForm = PaperForm.PDF
) -> Made:
    """Make the paper of a document as it is now.

    Args:
        shop: the server.
        found: the document, for somebody who may see it.
        template_id: of its kind; None for the shop's default.
        form: PDF, or HTML.

    Raises:
        RecordNotFound: there is no such template.
        TemplateInvalid: the template is another kind's or cannot be filled in.
        NotYetFiscalised: the document has no paper of its own yet, and no template.
        CannotMakePaper: it does not fit a page.
    """
    used = _template(shop, found.kind, template_id)
    ending = form.value
    plain = "".join(mark if mark.isalnum() or mark in "-_" else "-" for mark in found.name)
    name = f"{found.kind.value}_{plain}.{ending}"
    if used is None and form is PaperForm.PDF:
        data = _own_page(shop, found)
    else:
        draft = used.draft if used else _standard(found.kind)
        parts = _filled(shop, found, draft)
        data = _page(shop, found, draft, parts) if form is PaperForm.PDF else _html(draft, parts)
    return Made(subject=found, template=used, form=form, name=name, data=data)


def keep(shop: Shop, actor: Actor, made: Made, action: str, **letter: str) -> int:
    """Note in the history of a document that a paper was made or sent."""
    with shop.store.write() as connection:
        return note(shop, connection, actor, made, action, **letter)


def note(
    shop: Shop, connection: Connection, actor: Actor, made: Made, action: str, **letter: str
) -> int:
    """The same within a writing transaction."""
    digest, now, to = hashlib.sha256(made.data).hexdigest(), shop.clock.now(), made.subject
    row = {
        "kind": to.kind.value,
        "document_id": to.id,
        "number": to.number,
        "name": to.name,
        "template_id": made.template.id if made.template else None,
        "template_name": made.template_name,
        "action": action,
        "hash": digest,
        "mail_id": letter.get("mail_id", ""),
        "recipient": letter.get("recipient", ""),
        "subject": letter.get("subject", ""),
        "username": actor.username,
        "made_at": now,
    }
    audit.append(
        connection,
        at=now,
        actor=actor.username,
        action=f"paper.{action}".lower(),
        subject=to.name,
        details={"kind": to.kind.value, "sha256": digest, "recipient": row["recipient"]},
    )
    return rows.add_paper(connection, row)


def history(
    shop: Shop,
    actor: Actor,
    *,
    kind: DocumentKind | None,
    of: Subject | None = None,
    offset: int,
    limit: int,
) -> tuple[int, list[Past]]:
    """How much was made, and some of it, newest first: of one document, of a kind, or of all kinds.

    Only of kinds the actor may see.

    Raises:
        PermissionMissing: the actor may not see documents of the kind that is named.
    """
    if kind is not None:
        subject.check(actor, kind)
    seen = [kind] if kind else [one for one in DocumentKind if actor.may(*DOORS[one].view)]
    with shop.store.read() as connection:
        total, found = rows.papers(
            connection,
            kinds=[one.value for one in seen],
            document_id=of.id if of else "",
            offset=offset,
            limit=limit,
        )
    sent = mails.by_ids(shop, [row["mail_id"] for row in found if row["mail_id"]])
    return total, [_past(row, sent.get(row["mail_id"])) for row in found]


def _past(row: RowMapping, letter: mails.SpooledMail | None) -> Past:
    return Past(
        id=row["id"],
        kind=DocumentKind(row["kind"]),
        number=row["number"],
        name=row["name"],
        template_name=row["template_name"],
        action=row["action"],
        recipient=row["recipient"],
        subject=row["subject"],
        is_sent=None if letter is None else letter.is_sent,
        problem=letter.reason if letter else "",
        username=row["username"],
        made_at=row["made_at"],
    )


def _template(shop: Shop, kind: DocumentKind, template_id: int | None) -> Template | None:
    if template_id is None:
        return template.default_of(shop, kind)
    found = template.get(shop, template_id)
    if found.draft.kind is not kind:
        raise TemplateInvalid("kind", f"is {found.draft.kind.value} and not {kind.value}")
    return found


def _standard(kind: DocumentKind) -> Draft:
    return Draft(kind=kind, name=OWN_PAGE, html=STANDARD[kind])


def _filled(shop: Shop, found: Subject, draft: Draft) -> tuple[str, ...]:
    told, known = facts.of(shop, found), template.known_of(draft.kind)
    made = []
    for part, source in template.parts_of(draft):
        made.append(render.fill(source, part, told, known))
        template.check_markup(part, made[-1])
    return tuple(made)


def _page(shop: Shop, found: Subject, draft: Draft, parts: tuple[str, ...]) -> bytes:
    """A page of the blocks of its parts; one that stands for a receipt says that it is none."""
    words = shop.rules.paper.words
    blocks = [block for part in parts for block in markup.blocks_of(part)]
    if draft.kind in RECEIPTS:
        blocks.append(Text(words.not_fiscal, Align.CENTRE, bold=True))
    title = f"{facts.TITLES[draft.kind]} {found.name}"
    document = Document(tuple(blocks), title, "en", PAGE_WIDTH, found.name)
    try:
        return saved_paper.pdf_of(shop, document)
    except PrintingError as error:
        raise CannotMakePaper(found.name, str(error)) from error


def _html(draft: Draft, parts: tuple[str, ...]) -> bytes:
    title = markup_words.escape(draft.name)
    head = f"<meta charset='utf-8'><title>{title}</title><style>{draft.css}</style>"
    return f"<!DOCTYPE html><html><head>{head}</head><body>{''.join(parts)}</body></html>".encode()


def _own_page(shop: Shop, found: Subject) -> bytes:
    """The shop's own page: of the fiscal record where there is one."""
    match found.kind:
        case DocumentKind.INVOICE:
            return invoice_paper.page_of(shop, invoice_view.get(shop, found.id))
        case DocumentKind.CREDIT_NOTE if notes.get(shop, found.id).fiscal.is_done:
            with shop.store.read() as connection:
                filed = spool.filed_receipt(shop, connection, found.id, copy_number=0)
            return saved_paper.receipt_file(shop, filed)
        case DocumentKind.QUOTATION | DocumentKind.SALES_ORDER:
            trade = trades.get(shop, found.id)
            return trade_paper.file_of(shop, trade_paper.paper_of(shop, trade), Form.PDF)
        case DocumentKind.STATEMENT:
            told = statement.of_customer(shop, found.partner, since=None, until=None)
            return statement_paper.file_of(shop, told, Form.PDF)
        case _:
            draft = _standard(found.kind)
            return _page(shop, found, draft, _filled(shop, found, draft))
