"""Letters with documents: their templates, and sending one through the spool of mail."""

from __future__ import annotations

import html as markup_words
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from pos_app.domain.mail import (
    LONGEST_SUBJECT,
    Enclosure,
    Mail,
    MailOff,
    check_address,
    check_header,
)
from pos_app.domain.permission import Actor
from pos_app.domain.template import LETTER_FIELDS
from pos_app.errors import Conflict, RecordNotFound
from pos_app.services.mail import queue
from pos_app.services.paperwork import facts, generate, render, template
from pos_app.services.paperwork.generate import Made
from pos_app.services.paperwork.render import Facts, Known
from pos_app.services.paperwork.subject import Subject
from pos_app.services.shop import Shop
from pos_app.store import attachment as attachments
from pos_app.store import audit, file
from pos_app.store import template as rows
from pos_app.store.fault import UniqueViolation

KNOWN = Known(LETTER_FIELDS)
KIND = "document"
SUBJECT = "{{DocumentType}} {{DocumentNumber}} of {{CompanyName}}"
BODY = """<p>{% if RecipientName %}Dear {{RecipientName}},{% else %}Good day,{% endif %}</p>
{% if MessageBody %}<p>{{MessageBody}}</p>{% endif %}
<p>attached you find {{DocumentType}} {{DocumentNumber}}.</p>
<p>{{CompanyName}}<br>{{CompanyPhone}}</p>
"""


class LetterCodeTaken(Conflict):
    """Another template of letters has this code."""

    code = "letter_code_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"The code {name!r} is taken: choose another one.", name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterDraft:
    """A template of letters as somebody writes it; subject and body may name what papers may."""

    code: str
    name: str
    subject: str
    body: str
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterTemplate:
    """A template that is kept."""

    id: int
    draft: LetterDraft
    created_at: datetime
    changed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A letter somebody asks for.

    Attributes:
        subject, words: in place of the template's, or of the usual ones.
        template_id: of papers; None for the default.
        letter_id: of letters; None for the usual one.
        has_files: whether the document's attachments go along that are marked so.
    """

    recipient: str
    name: str = ""
    subject: str = ""
    words: str = ""
    cc: tuple[str, ...] = ()
    template_id: int | None = None
    letter_id: int | None = None
    has_files: bool = True


def send(shop: Shop, actor: Actor, found: Subject, wanted: Wanted) -> Made:
    """Queue a letter with the paper of a document, and note it in its history, in one go.

    Raises:
        MailOff: no way to send mail is set up.
        MailInvalid: an address or a header is none, or it is too large.
        RecordNotFound, TemplateInvalid, NotYetFiscalised, CannotMakePaper: see `generate.make`.
    """
    if not queue.is_on(shop):
        raise MailOff
    draft = _draft(shop, wanted)
    made = generate.make(shop, found, template_id=wanted.template_id)
    subject, text, html = _filled(shop, found, draft, wanted)
    with shop.store.write() as connection:
        mail = Mail(
            to=(wanted.recipient,),
            cc=(*wanted.cc, *draft.cc),
            bcc=draft.bcc,
            subject=subject,
            text=text,
            html=html,
            enclosures=(
                Enclosure(name=made.name, mime="application/pdf", data=made.data),
                *(_files(connection, found) if wanted.has_files else ()),
            ),
        )
        mail_id = queue.queue(
            shop, connection, mail, kind=KIND, by=actor.username, document_id=found.id
        )
        generate.note(
            shop,
            connection,
            actor,
            made,
            "Emailed",
            mail_id=mail_id,
            recipient=wanted.recipient,
            subject=subject,
        )
    return made


def _draft(shop: Shop, wanted: Wanted) -> LetterDraft:
    usual = LetterDraft(code="", name="", subject=SUBJECT, body=BODY)
    if wanted.letter_id is None:
        return usual
    with shop.store.read() as connection:
        row = rows.letter(connection, template_id=wanted.letter_id)
    if row is None:
        raise RecordNotFound("e-mail template", wanted.letter_id)
    return _template(row).draft


def _filled(shop: Shop, found: Subject, draft: LetterDraft, wanted: Wanted) -> tuple[str, str, str]:
    """Subject, plain text and HTML; what the sender adds is plain text in both."""
    told = facts.of(shop, found)
    more = {"RecipientName": wanted.name, "MessageBody": wanted.words}
    whole = Facts(fields={**told.fields, **more})
    subject = wanted.subject or render.fill(draft.subject, "subject", whole, KNOWN, is_plain=True)
    html = render.fill(draft.body, "bodyContent", whole, KNOWN)
    template.check_markup("bodyContent", html)
    return subject, plain_text(html), html


def plain_text(html: str) -> str:
    """What the HTML of a letter says, for programs that show none."""
    lined = re.sub(r"(?i)<br\s*/?>|</(p|div|h[1-4]|li|tr)>", "\n", html)
    words = markup_words.unescape(re.sub(r"<[^<>]*>", "", lined))
    lines = (" ".join(line.split()) for line in words.split("\n"))
    return "\n".join(line for line in lines if line)


def _files(connection: Connection, found: Subject) -> list[Enclosure]:
    enclosed = []
    for row in attachments.of_document(connection, found.id):
        data = file.read(connection, row["hash"]) if row["goes_with_mail"] else None
        if data is not None:
            enclosed.append(Enclosure(name=row["name"], mime=row["mime"], data=data))
    return enclosed


def check(draft: LetterDraft) -> LetterDraft:
    """Return a template letters can be made with.

    Raises:
        TemplateInvalid, MailInvalid: they cannot.
    """
    check_header(draft.subject, "subject", LONGEST_SUBJECT)
    for part, source in (("subject", draft.subject), ("bodyContent", draft.body)):
        render.check(source, part, KNOWN)
    template.check_markup("bodyContent", draft.body)
    for address in (*draft.cc, *draft.bcc):
        check_address(address)
    return draft


def create(shop: Shop, actor: Actor, draft: LetterDraft) -> LetterTemplate:
    """Keep a new template of letters.

    Raises:
        LetterCodeTaken, TemplateInvalid, MailInvalid.
    """
    row = _row(check(draft)) | {"created_at": shop.clock.now(), "changed_at": None}
    try:
        with shop.store.write() as connection:
            made = rows.add_letter(connection, row)
            _tell(shop, connection, actor, "letter.add", draft)
    except UniqueViolation:
        raise LetterCodeTaken(draft.code) from None
    return _get(shop, template_id=made)


def change(shop: Shop, actor: Actor, template_id: int, draft: LetterDraft) -> LetterTemplate:
    """Replace a template's whole content.

    Raises:
        RecordNotFound, LetterCodeTaken, TemplateInvalid, MailInvalid.
    """
    row = _row(check(draft)) | {"changed_at": shop.clock.now()}
    try:
        with shop.store.write() as connection:
            if not rows.change_letter(connection, template_id, row):
                raise RecordNotFound("e-mail template", template_id)
            _tell(shop, connection, actor, "letter.change", draft)
    except UniqueViolation:
        raise LetterCodeTaken(draft.code) from None
    return _get(shop, template_id=template_id)


def by_code(shop: Shop, code: str) -> LetterTemplate:
    """One template by its code, whatever its case; raises RecordNotFound."""
    return _get(shop, code=code.strip().upper())


def all_of(shop: Shop, *, only_active: bool) -> Sequence[LetterTemplate]:
    """Every template of letters by its code."""
    with shop.store.read() as connection:
        return [_template(row) for row in rows.letters(connection, only_active=only_active)]


def _get(shop: Shop, *, template_id: int | None = None, code: str = "") -> LetterTemplate:
    with shop.store.read() as connection:
        row = rows.letter(connection, template_id=template_id, code=code)
    if row is None:
        raise RecordNotFound("e-mail template", template_id or code[:60])
    return _template(row)


def _row(draft: LetterDraft) -> dict[str, object]:
    return {
        "code": draft.code,
        "name": draft.name,
        "subject": draft.subject,
        "body": draft.body,
        "cc": list(draft.cc),
        "bcc": list(draft.bcc),
        "is_active": draft.is_active,
    }


def _template(row: RowMapping) -> LetterTemplate:
    return LetterTemplate(
        id=row["id"],
        draft=LetterDraft(
            code=row["code"],
            name=row["name"],
            subject=row["subject"],
            body=row["body"],
            cc=tuple(row["cc"]),
            bcc=tuple(row["bcc"]),
            is_active=row["is_active"],
        ),
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )


def _tell(
    shop: Shop, connection: Connection, actor: Actor, action: str, draft: LetterDraft
) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=action,
        subject=draft.code,
        details={"name": draft.name},
    )
