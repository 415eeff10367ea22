"""Attachments, by every path the contract gives them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query, Response

from pos_app.api.auth import ApiAccess, Needs
from pos_app.api.context import TheShop
from pos_app.api.shopinventory import codec_attachment as codec
from pos_app.api.shopinventory import file as answer
from pos_app.api.shopinventory import upload
from pos_app.api.shopinventory.page import Number
from pos_app.api.shopinventory.schemas.attachment import AttachmentDto, AttachmentList
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.attachment import LARGEST_OF_PAYMENT, OF_PAYMENTS
from pos_app.domain.paperwork import DocumentKind, kind_of
from pos_app.domain.permission import Permission
from pos_app.services.paperwork import attachment, subject
from pos_app.services.session import Account

SeesInvoices = Annotated[Account, Depends(Needs(Permission.INVOICES_VIEW))]
SeesOrders = Annotated[Account, Depends(Needs(Permission.PURCHASING_VIEW))]
Uploads = Annotated[Account, Depends(Needs(Permission.PURCHASING_UPLOAD_DOCUMENTS))]

Kind = Annotated[str, Query(alias="entityType", max_length=50)]
Entity = Annotated[str, Query(alias="entityId", max_length=50)]

NEW: dict[int | str, dict[str, Any]] = {
    201: {"model": AttachmentDto, "description": "The file is kept."},
    413: {"description": "The file is larger than the server takes."},
    415: {"description": "The body is no form."},
}
BYTES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file as it was sent.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}

router = APIRouter(prefix="/Document/attachments", tags=["Document"], route_class=WireRoute)
invoices = APIRouter(prefix="/Invoice", tags=["Invoice"], route_class=WireRoute)
orders = APIRouter(prefix="/PurchaseOrder/documents", tags=["PurchaseOrder"], route_class=WireRoute)
payments = APIRouter(prefix="/IncomingPayment", tags=["IncomingPayment"], route_class=WireRoute)


@router.get("", summary="The files of a document", response_model=AttachmentList)
def read_all(shop: TheShop, account: ApiAccess, kind: Kind, entity: Entity) -> Json:
    """By ``entityType`` and ``entityId``; of a statement the customer's code."""
    found = subject.find(shop, account.actor, kind_of(kind), entity)
    return Json(codec.attachments(attachment.of(shop, found)))


@router.post("", summary="Attach a file", status_code=201, responses=NEW)
def create(
    shop: TheShop,
    account: ApiAccess,
    file: upload.Upload,
    *,
    kind: Annotated[str, Form(alias="entityType", max_length=50)],
    entity: Annotated[str, Form(alias="entityId", max_length=50)],
    words: upload.Words,
    goes_with_mail: Annotated[bool, Form(alias="includeInEmail")] = False,
) -> Json:
    """Pictures, PDF, Office, text; judged by its bytes, and kept under a harmless name."""
    wanted = kind_of(upload.text(kind, "entityType"))
    number = upload.text(entity, "entityId")
    to = subject.find(shop, account.actor, wanted, number, may_edit=True)
    made = attachment.attach(
        shop,
        account.actor,
        to,
        upload.checked(file),
        description=words,
        goes_with_mail=goes_with_mail,
    )
    return Json(codec.attachment(made), status_code=201)


@router.get("/{id}/download", summary="A file", response_class=Response, responses=BYTES)
def download(id: Number, shop: TheShop, account: ApiAccess) -> Response:  # noqa: A002
    """Always to be saved, never shown in place; that somebody took it is audited."""
    found, data = attachment.read(shop, account.actor, id)
    return answer.kept(data, found.name, found.mime)


@router.get(
    "/{entityType}/{entityId}", summary="The files of a document", response_model=AttachmentList
)
def read_of(
    entityType: Annotated[str, Path(max_length=50)],  # noqa: N803
    entityId: Annotated[str, Path(max_length=50)],  # noqa: N803
    shop: TheShop,
    account: ApiAccess,
) -> Json:
    """The same by path."""
    found = subject.find(shop, account.actor, kind_of(entityType), entityId)
    return Json(codec.attachments(attachment.of(shop, found)))


@router.delete(
    "/{attachmentId}", summary="Take a file off", status_code=204, response_class=Response
)
def delete(attachmentId: Number, shop: TheShop, account: ApiAccess) -> Response:  # noqa: N803
    """The audit keeps its name and its hash."""
    attachment.remove(shop, account.actor, attachmentId)
    return Response(status_code=204)


@invoices.get(
    "/{docEntry}/attachments", summary="The files of an invoice", response_model=AttachmentList
)
def read_of_invoice(docEntry: Number, shop: TheShop, account: SeesInvoices) -> Json:  # noqa: N803
    """By SAP's DocEntry or our own number."""
    found = subject.find(shop, account.actor, DocumentKind.INVOICE, docEntry)
    return Json(codec.attachments(attachment.of(shop, found)))


@invoices.get(
    "/{docEntry}/attachments/{attachmentId}/download",
    summary="A file of an invoice",
    response_class=Response,
    responses=BYTES,
)
def download_of_invoice(
    docEntry: Number,  # noqa: N803
    attachmentId: Number,  # noqa: N803
    shop: TheShop,
    account: SeesInvoices,
) -> Response:
    """404 where it belongs to another document."""
    to = subject.find(shop, account.actor, DocumentKind.INVOICE, docEntry)
    found, data = attachment.read(shop, account.actor, attachmentId, to=to)
    return answer.kept(data, found.name, found.mime)


@orders.post("/upload", summary="Attach a file to a purchase order", status_code=201, responses=NEW)
def upload_to_order(
    shop: TheShop,
    account: Uploads,
    file: upload.Upload,
    reference: Annotated[str, Form(alias="poReferenceNumber", min_length=1, max_length=50)],
    words: upload.Words,
) -> Json:
    """By the order's number as it is printed."""
    name = upload.text(reference, "poReferenceNumber")
    to = subject.order_named(shop, account.actor, name, may_edit=True)
    checked = upload.checked(file)
    made = attachment.attach(shop, account.actor, to, checked, description=words)
    return Json(codec.attachment(made), status_code=201)


@orders.get("", summary="The files of a purchase order", response_model=AttachmentList)
def read_of_order(
    shop: TheShop,
    account: SeesOrders,
    reference: Annotated[str, Query(alias="poReferenceNumber", max_length=50)],
) -> Json:
    """By the order's number as it is printed."""
    found = subject.order_named(shop, account.actor, reference)
    return Json(codec.attachments(attachment.of(shop, found)))


@payments.post(
    "/{docEntry}/attachment", summary="Attach a proof of payment", status_code=201, responses=NEW
)
def attach_to_payment(
    docEntry: Number,  # noqa: N803
    shop: TheShop,
    account: ApiAccess,
    file: upload.Upload,
    words: upload.Words,
) -> Json:
    """A picture or a PDF of 20 MB at most."""
    to = subject.find(shop, account.actor, DocumentKind.PAYMENT, docEntry, may_edit=True)
    checked = upload.checked(file, endings=OF_PAYMENTS, largest=LARGEST_OF_PAYMENT)
    made = attachment.attach(shop, account.actor, to, checked, description=words)
    return Json(codec.attachment(made), status_code=201)
