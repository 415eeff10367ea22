"""``/api/Document/templates`` and ``/api/Document/email-templates``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from pos_app.api.auth import API_ACCESS, Needs
from pos_app.api.context import TheShop
from pos_app.api.shopinventory import codec_document as codec
from pos_app.api.shopinventory.page import Number, PageOf
from pos_app.api.shopinventory.schemas.document import (
    LetterDto,
    LetterList,
    LetterQuestion,
    Placeholders,
    TemplateDto,
    TemplatePage,
    TemplateQuestion,
)
from pos_app.api.wire import Answer, Json, WireRoute
from pos_app.domain.paperwork import kind_of
from pos_app.domain.permission import Role
from pos_app.errors import RecordNotFound
from pos_app.services.paperwork import letter, template
from pos_app.services.session import Account

EDITORS = (Role.ADMIN, Role.MANAGER)
SignedInEditor = Annotated[Account, Depends(Needs(roles=EDITORS, bearer_only=True))]
Editor = Annotated[Account, Depends(Needs(roles=EDITORS))]
AnAdmin = Annotated[Account, Depends(Needs(roles=(Role.ADMIN,)))]
Kind = Annotated[str, Path(max_length=50)]
OnlyActive = Annotated[bool, Query(alias="activeOnly")]

router = APIRouter(prefix="/Document", tags=["Document"], route_class=WireRoute)


class Said(Answer):
    """What was done."""

    message: str


@router.get(
    "/templates",
    summary="Templates of papers",
    response_model=TemplatePage,
    dependencies=[API_ACCESS],
)
def read_templates(
    shop: TheShop,
    window: PageOf,
    by_type: Annotated[str | None, Query(alias="type", max_length=50)] = None,
    kind: Annotated[str | None, Query(alias="documentType", max_length=50)] = None,
    *,
    only_active: OnlyActive = True,
) -> Json:
    """By kind and name; ``type`` and ``documentType`` mean the same."""
    wanted = by_type or kind
    total, found = template.page(
        shop,
        kind=kind_of(wanted) if wanted else None,
        only_active=only_active,
        offset=window.offset,
        limit=window.size,
    )
    rows = [codec.template(one) for one in found]
    envelope = window.envelope(total, len(rows))
    return Json(TemplatePage(**envelope, templates=rows, items=rows))


@router.get(
    "/templates/default/{documentType}",
    summary="The default template of a kind of document",
    response_model=TemplateDto,
    dependencies=[API_ACCESS],
)
def read_default(documentType: Kind, shop: TheShop) -> Json:  # noqa: N803
    """404 where the shop has none, and papers are its own pages."""
    kind = kind_of(documentType)
    found = template.default_of(shop, kind)
    if found is None:
        raise RecordNotFound("default template of", kind.value)
    return Json(codec.template(found))


@router.get(
    "/templates/placeholders/{documentType}",
    summary="What templates of a kind may name",
    response_model=Placeholders,
    dependencies=[API_ACCESS],
)
def read_placeholders(documentType: Kind) -> Json:  # noqa: N803
    """Each as ``{{Key}}``; those of lines inside ``{% for line in Lines %}``."""
    return Json(codec.placeholders(kind_of(documentType)))


@router.get(
    "/templates/{id}",
    summary="One template of papers",
    response_model=TemplateDto,
    dependencies=[API_ACCESS],
)
def read_template(id: Number, shop: TheShop) -> Json:  # noqa: A002
    """Active or not."""
    return Json(codec.template(template.get(shop, id)))


@router.post(
    "/templates", summary="Make a template of papers", status_code=201, response_model=TemplateDto
)
def create(question: TemplateQuestion, account: SignedInEditor, shop: TheShop) -> Json:
    """A default takes the place of the one before."""
    made = template.create(shop, account.actor, codec.draft(question))
    return Json(codec.template(made), status_code=201)


@router.put("/templates/{id}", summary="Change a template of papers", response_model=TemplateDto)
def change(
    id: Number,  # noqa: A002
    question: TemplateQuestion,
    account: SignedInEditor,
    shop: TheShop,
) -> Json:
    """Its whole content."""
    return Json(codec.template(template.change(shop, account.actor, id, codec.draft(question))))


@router.delete(
    "/templates/{id}", summary="Forget a template", status_code=204, response_class=Response
)
def delete(id: Number, account: AnAdmin, shop: TheShop) -> Response:  # noqa: A002
    """Papers made with it stay in the history."""
    template.remove(shop, account.actor, id)
    return Response(status_code=204)


@router.post(
    "/templates/{id}/set-default", summary="Make a template the default", response_model=Said
)
def set_default(id: Number, account: Editor, shop: TheShop) -> Json:  # noqa: A002
    """Of its kind of document."""
    found = template.set_default(shop, account.actor, id)
    told = f"{found.draft.name} is now the default template of {found.draft.kind.value}."
    return Json(Said(message=told))


@router.get(
    "/email-templates",
    summary="Templates of letters",
    response_model=LetterList,
    dependencies=[API_ACCESS],
)
def read_letters(shop: TheShop, *, only_active: OnlyActive = True) -> Json:
    """By code."""
    rows = [codec.letter(one) for one in letter.all_of(shop, only_active=only_active)]
    return Json(LetterList(templates=rows, total_count=len(rows)))


@router.get(
    "/email-templates/{templateCode}",
    summary="One template of letters",
    response_model=LetterDto,
    dependencies=[API_ACCESS],
)
def read_letter(templateCode: Kind, shop: TheShop) -> Json:  # noqa: N803
    """By its code, whatever its case."""
    return Json(codec.letter(letter.by_code(shop, templateCode)))


@router.post(
    "/email-templates",
    summary="Make a template of letters",
    status_code=201,
    response_model=LetterDto,
)
def create_letter(question: LetterQuestion, account: Editor, shop: TheShop) -> Json:
    """Subject and body may name what papers may, and ``RecipientName`` and ``MessageBody``."""
    made = letter.create(shop, account.actor, codec.letter_draft(question))
    return Json(codec.letter(made), status_code=201)


@router.put(
    "/email-templates/{id}", summary="Change a template of letters", response_model=LetterDto
)
def change_letter(
    id: Number,  # noqa: A002
    question: LetterQuestion,
    account: Editor,
    shop: TheShop,
) -> Json:
    """Its whole content."""
    draft = codec.letter_draft(question)
    return Json(codec.letter(letter.change(shop, account.actor, id, draft)))
