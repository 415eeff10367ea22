"""``/api/Document``: papers made, sent and signed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from pos_app.api.auth import ApiAccess, Needs, standing_of
from pos_app.api.context import TheShop
from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory import codec_document as codec
from pos_app.api.shopinventory import file
from pos_app.api.shopinventory.page import Number, PageOf
from pos_app.api.shopinventory.routes.document_template import EDITORS, Said
from pos_app.api.shopinventory.schemas.document import (
    EmailQuestion,
    GenerateAnswer,
    GenerateQuestion,
    HistoryPage,
    SignatureDto,
    SignatureList,
    SignatureQuestion,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.paperwork import kind_of
from pos_app.services.paperwork import generate, letter, signature, subject
from pos_app.services.paperwork.generate import Made, PaperForm
from pos_app.services.paperwork.signature import Signing
from pos_app.services.session import Account
from pos_app.services.shop import Shop

Editor = Annotated[Account, Depends(Needs(roles=EDITORS))]
Entity = Annotated[str | None, Query(alias="entityId", max_length=50)]
Kind = Annotated[str | None, Query(alias="documentType", max_length=50)]
MIMES = {PaperForm.PDF: file.PDF, PaperForm.HTML: "text/html; charset=utf-8"}
PAPER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The paper, to be saved.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in (file.PDF, "text/html")
        },
    }
}

router = APIRouter(prefix="/Document", tags=["Document"], route_class=WireRoute)


@router.post("/generate", summary="Make the paper of a document", response_model=GenerateAnswer)
def make(question: GenerateQuestion, account: ApiAccess, shop: TheShop) -> Json:
    """As the document is now; of a statement ``entityId`` is the customer's code."""
    return Json(codec.made(_made(shop, account, question, "Generated"), "The paper is made."))


@router.post(
    "/generate/download",
    summary="Make the paper of a document, as a file",
    response_class=Response,
    responses=PAPER,
)
def download(question: GenerateQuestion, account: ApiAccess, shop: TheShop) -> Response:
    """The same, not wrapped."""
    made = _made(shop, account, question, "Downloaded")
    return file.kept(made.data, made.name, MIMES[made.form])


@router.post("/email", summary="Send the paper of a document", response_model=GenerateAnswer)
def send(question: EmailQuestion, account: ApiAccess, shop: TheShop) -> Json:
    """It waits in the spool and leaves by itself; the history tells what became of it."""
    found = subject.find(shop, account.actor, kind_of(question.document_type), question.entity_id)
    made = letter.send(shop, account.actor, found, codec.wanted(question))
    return Json(codec.made(made, f"The mail to {question.recipient_email} is on its way."))


@router.get("/history", summary="What was made of documents", response_model=HistoryPage)
def read_history(
    account: ApiAccess,
    shop: TheShop,
    window: PageOf,
    kind: Kind = None,
    entity: Entity = None,
) -> Json:
    """Newest first, of kinds the caller may see; ``entityId`` needs its ``documentType``."""
    if entity and not kind:
        raise FieldsInvalid([Field("documentType", "This field is required with entityId.")])
    wanted = kind_of(kind) if kind else None
    of = subject.find(shop, account.actor, wanted, entity) if wanted and entity else None
    total, found = generate.history(
        shop, account.actor, kind=wanted, of=of, offset=window.offset, limit=window.size
    )
    rows = [codec.past(row) for row in found]
    return Json(HistoryPage(**window.envelope(total, len(rows)), history=rows, items=rows))


@router.post("/signatures", summary="Sign a document", status_code=201, response_model=SignatureDto)
def sign(question: SignatureQuestion, account: ApiAccess, shop: TheShop, request: Request) -> Json:
    """The paper is made and kept as it is now; the signature is over its bytes."""
    kind = kind_of(question.document_type)
    to = subject.find(shop, account.actor, kind, question.document_id, may_edit=True)
    signing = Signing(
        name=question.signer_name,
        role=question.signer_role,
        data=question.signature_data,
        email=question.signer_email or "",
    )
    address = standing_of(request).address
    made = signature.sign(shop, account.actor, to, signing, address=address)
    return Json(codec.signature(made), status_code=201)


@router.get("/signatures", summary="The signatures of a document", response_model=SignatureList)
def read_signatures(
    account: ApiAccess,
    shop: TheShop,
    kind: Annotated[str, Query(alias="documentType", max_length=50)],
    entity: Annotated[str, Query(alias="documentId", max_length=50)],
) -> Json:
    """Oldest first."""
    to = subject.find(shop, account.actor, kind_of(kind), entity)
    rows = [codec.signature(one) for one in signature.of(shop, to)]
    return Json(SignatureList(signatures=rows, total_count=len(rows)))


@router.post("/signatures/{id}/verify", summary="Verify a signature", response_model=Said)
def verify(id: Number, account: Editor, shop: TheShop) -> Json:  # noqa: A002
    """409 where what is stored is not what was signed."""
    is_same = signature.verify(shop, account.actor, id)
    now = "says the same today" if is_same else "has changed since"
    return Json(Said(message=f"The signature holds; the document {now}."))


def _made(shop: Shop, account: Account, question: GenerateQuestion, action: str) -> Made:
    found = subject.find(shop, account.actor, kind_of(question.document_type), question.entity_id)
    form = PaperForm(question.format)
    made = generate.make(shop, found, template_id=question.template_id, form=form)
    if question.save_to_history:
        generate.keep(shop, account.actor, made, action)
    return made
