"""Templates of papers: kept by Admins and Managers, one default for each kind of document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from pos_app.domain.paperwork import DocumentKind
from pos_app.domain.permission import Actor
from pos_app.domain.template import (
    ORIENTATIONS,
    PAPER_SIZES,
    TemplateInvalid,
    fields_of,
    line_fields_of,
)
from pos_app.errors import RecordNotFound, StaleRecord
from pos_app.services.paperwork import render
from pos_app.services.paperwork.render import Known
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import template as rows
from pos_app.store.fault import UniqueViolation
from printing import markup
from printing.markup import MarkupRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A template as somebody writes it."""

    kind: DocumentKind
    name: str
    html: str
    css: str = ""
    header: str = ""
    footer: str = ""
    paper_size: str = "A4"
    orientation: str = "Portrait"
    is_default: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template that is kept."""

    id: int
    draft: Draft
    created_by: str
    created_at: datetime
    changed_at: datetime | None


def known_of(kind: DocumentKind) -> Known:
    """What a template of a kind may name."""
    return Known(fields_of(kind), line_fields_of(kind))


def check(draft: Draft) -> Draft:
    """Return a template that can be made into papers.

    Raises:
        TemplateInvalid: its language, its names, its markup or its paper is not ours.
    """
    if draft.paper_size not in PAPER_SIZES or draft.orientation not in ORIENTATIONS:
        raise TemplateInvalid("paper", "is not A4, Portrait, and papers are")
    if draft.is_default and not draft.is_active:
        raise TemplateInvalid("default", "is switched off, and papers are made with it")
    for part, source in parts_of(draft):
        render.check(source, part, known_of(draft.kind))
        check_markup(part, source)
    try:
        markup.check_style(draft.css)
    except MarkupRefused as error:
        raise TemplateInvalid("cssStyles", f"is refused ({error})") from error
    return draft


def parts_of(draft: Draft) -> tuple[tuple[str, str], ...]:
    """The parts of a template from top to bottom, by the names people know them by."""
    return (
        ("headerContent", draft.header),
        ("htmlContent", draft.html),
        ("footerContent", draft.footer),
    )


def check_markup(part: str, html: str) -> None:
    """Refuse HTML papers do not have.

    Raises:
        TemplateInvalid: says which.
    """
    try:
        markup.check(html)
    except MarkupRefused as error:
        raise TemplateInvalid(part, f"is refused ({error})") from error


def create(shop: Shop, actor: Actor, draft: Draft) -> Template:
    """Keep a new template; a default takes the place of the one before.

    Raises:
        TemplateInvalid: it cannot be used.
        StaleRecord: somebody else made another one the default at the same moment.
    """
    checked, now = check(draft), shop.clock.now()
    row = _row(checked) | {"created_by": actor.username, "created_at": now, "changed_at": None}
    try:
        with shop.store.write() as connection:
            if checked.is_default:
                rows.no_default(connection, checked.kind.value)
            made = rows.add(connection, row)
            _tell(shop, connection, actor, "template.add", key=made, draft=checked)
    except UniqueViolation:
        raise StaleRecord("default template", checked.kind.value) from None
    return get(shop, made)


def change(shop: Shop, actor: Actor, template_id: int, draft: Draft) -> Template:
    """Replace a template's whole content.

    Raises:
        RecordNotFound, TemplateInvalid, StaleRecord.
    """
    checked = check(draft)
    try:
        with shop.store.write() as connection:
            if checked.is_default:
                rows.no_default(connection, checked.kind.value)
            values = _row(checked) | {"changed_at": shop.clock.now()}
            if not rows.change(connection, template_id, values):
                raise RecordNotFound("template", template_id)
            _tell(shop, connection, actor, "template.change", key=template_id, draft=checked)
    except UniqueViolation:
        raise StaleRecord("default template", checked.kind.value) from None
    return get(shop, template_id)


def set_default(shop: Shop, actor: Actor, template_id: int) -> Template:
    """Make papers of its kind with this template.

    Raises:
        RecordNotFound, StaleRecord.
        TemplateInvalid: it is switched off.
    """
    try:
        with shop.store.write() as connection:
            found = _found(connection, template_id)
            if not found.draft.is_active:
                raise TemplateInvalid("default", "is switched off, and papers are made with it")
            rows.no_default(connection, found.draft.kind.value)
            values = {"is_default": True, "changed_at": shop.clock.now()}
            rows.change(connection, template_id, values)
            _tell(shop, connection, actor, "template.default", key=template_id, draft=found.draft)
    except UniqueViolation:
        raise StaleRecord("template", template_id) from None
    return get(shop, template_id)


def remove(shop: Shop, actor: Actor, template_id: int) -> None:
    """Forget a template; without a default papers look as the shop's own pages.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.write() as connection:
        found = _found(connection, template_id)
        rows.remove(connection, template_id)
        _tell(shop, connection, actor, "template.delete", key=template_id, draft=found.draft)


def get(shop: Shop, template_id: int) -> Template:
    """One template; raises RecordNotFound."""
    with shop.store.read() as connection:
        return _found(connection, template_id)


def default_of(shop: Shop, kind: DocumentKind) -> Template | None:
    """The template papers of a kind are made with; None where the shop has none."""
    with shop.store.read() as connection:
        row = rows.default_of(connection, kind.value)
        return None if row is None else _template(row)


def page(
    shop: Shop, *, kind: DocumentKind | None, only_active: bool, offset: int, limit: int
) -> tuple[int, list[Template]]:
    """How many there are, and some of them by kind and name."""
    with shop.store.read() as connection:
        total, found = rows.page(
            connection,
            kind=kind.value if kind else "",
            only_active=only_active,
            offset=offset,
            limit=limit,
        )
    return total, [_template(row) for row in found]


def _found(connection: Connection, template_id: int) -> Template:
    row = rows.by_id(connection, template_id)
    if row is None:
        raise RecordNotFound("template", template_id)
    return _template(row)


def _row(draft: Draft) -> dict[str, object]:
    return {
        "kind": draft.kind.value,
        "name": draft.name,
        "html": draft.html,
        "css": draft.css,
        "header": draft.header,
        "footer": draft.footer,
        "paper_size": draft.paper_size,
        "orientation": draft.orientation,
        "is_default": draft.is_default,
        "is_active": draft.is_active,
    }


def _template(row: RowMapping) -> Template:
    return Template(
        id=row["id"],
        draft=Draft(
            kind=DocumentKind(row["kind"]),
            name=row["name"],
            html=row["html"],
            css=row["css"],
            header=row["header"],
            footer=row["footer"],
            paper_size=row["paper_size"],
            orientation=row["orientation"],
            is_default=row["is_default"],
            is_active=row["is_active"],
        ),
        created_by=row["created_by"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )


def _tell(
    shop: Shop, connection: Connection, actor: Actor, action: str, *, key: int, draft: Draft
) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=action,
        subject=draft.name,
        details={"template": key, "kind": draft.kind.value, "default": draft.is_default},
    )
