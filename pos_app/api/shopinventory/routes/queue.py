"""The posting queue over HTTP: status, lists, review, incidents, retry, cancel, requeue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from pos_app.api.auth import API_ACCESS, ApiAccess, Needs
from pos_app.api.context import Server, TheShop
from pos_app.api.shopinventory import codec_queue
from pos_app.api.shopinventory.schemas.queue import (
    ByHand,
    ByHandQuestion,
    IncidentDto,
    QueuedDocument,
    QueueStats,
    QueueStatus,
    Requeued,
    RequeueQuestion,
    Retried,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Permission
from pos_app.domain.posting import PostingState
from pos_app.services.posting import by_hand, incident, review, view
from pos_app.services.posting.review import Choice
from pos_app.services.session import Account

MOST = 500

router = APIRouter(
    prefix="/DesktopIntegration",
    tags=["DesktopIntegration"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)
payments = APIRouter(
    prefix="/IncomingPayment/queue",
    tags=["IncomingPayment"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)

MayCancel = Annotated[Account, Depends(Needs(Permission.POSTING_CANCEL))]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Source = Annotated[str, Query(alias="sourceSystem", max_length=100)]


@router.get(
    "/invoices/queue-status/{queueId}",
    summary="How far a queued invoice has come",
    response_model=QueueStatus,
)
def read_queue_status(queueId: str, shop: TheShop) -> Json:  # noqa: N803
    """By its number in the queue, its reference, or its reservation."""
    return Json(codec_queue.invoice(view.status(shop, queueId, kinds=view.SALES)))


@router.get("/queue", summary="Invoices on their way to SAP", response_model=list[QueueStatus])
def read_queue(
    shop: TheShop,
    source: Source = "",
    status: Annotated[PostingState | None, Query()] = None,
    limit: Limit = 100,
) -> Json:
    """In the order in which they are taken: by priority, then age. ``status`` is ours."""
    states = [status] if status else []
    _total, found = view.page(shop, states=states, kinds=view.SALES, source=source, limit=limit)
    return Json([codec_queue.invoice(row) for row in found])


@router.get(
    "/queue/review", summary="Invoices that need a person", response_model=list[QueueStatus]
)
def read_review(shop: TheShop, limit: Limit = 50) -> Json:
    """They are not tried again by themselves; their reason says what is wrong."""
    states = [PostingState.REQUIRES_REVIEW]
    _total, found = view.page(shop, states=states, kinds=view.SALES, limit=limit)
    return Json([codec_queue.invoice(row) for row in found])


@router.get("/queue/stats", summary="The queue counted", response_model=QueueStats)
def read_stats(shop: TheShop) -> Json:
    """Invoices and notes by state; what is not in SAP yet, by currency."""
    counted = view.stats(shop, kinds=view.SALES)
    return Json(codec_queue.stats(counted, local_currency=shop.rules.sap.local_currency))


@router.get(
    "/queue/incidents", summary="What stands still, by cause", response_model=list[IncidentDto]
)
def read_incidents(shop: TheShop) -> Json:
    """One for each cause, whatever kind of document, the longest first."""
    return Json([codec_queue.incident(one) for one in incident.found(shop)])


@router.post("/queue/requeue", summary="Try many again", response_model=Requeued)
def requeue(question: RequeueQuestion, account: ApiAccess, server: Server) -> Json:
    """All that failed, or those of one incident; a dry run unless ``dryRun`` is false."""
    found = review.requeue(
        server.shop,
        account.actor,
        Choice(incident=question.incident or ""),
        reason=question.reason or "",
        is_dry=question.dry_run,
    )
    if not question.dry_run:
        server.post_soon()
    return Json(codec_queue.requeued(found))


@router.get(
    "/queue/by-reservation/{reservationId}",
    summary="How far the invoice of a reservation has come",
    response_model=QueueStatus,
)
def read_by_reservation(reservationId: str, shop: TheShop) -> Json:  # noqa: N803
    """404 where the reservation became no invoice."""
    return Json(codec_queue.invoice(view.status(shop, reservationId, kinds=view.SALES)))


@router.get(
    "/queue/{externalReference}",
    summary="How far a queued invoice has come, by its reference",
    response_model=QueueStatus,
)
def read_by_reference(externalReference: str, shop: TheShop) -> Json:  # noqa: N803
    """By its reference, or its number in the queue."""
    return Json(codec_queue.invoice(view.status(shop, externalReference, kinds=view.SALES)))


@router.delete(
    "/queue/{externalReference}",
    summary="Take an invoice out of the queue",
    status_code=204,
    response_class=Response,
)
def cancel(
    externalReference: str,  # noqa: N803
    account: MayCancel,
    shop: TheShop,
    reason: Annotated[str, Query(max_length=review.REASON_MOST)] = "",
) -> Response:
    """Pending ones only. The invoice stays, its goods stay sold; a credit note takes it back.

    SAP never hears of it from here.
    """
    found = view.status(shop, externalReference, kinds=view.SALES)
    review.cancel(
        shop,
        account.actor,
        str(found.queue_id),
        reason=reason.strip() or f"cancelled through the API by {account.actor.username}",
        states=(PostingState.PENDING,),
    )
    return Response(status_code=204)


@router.post(
    "/queue/{externalReference}/retry", summary="Try an invoice again now", response_model=Retried
)
def retry(externalReference: str, account: ApiAccess, server: Server) -> Json:  # noqa: N803
    """Its attempts are forgotten; SAP is asked for it first, so nothing is posted twice."""
    found = view.status(server.shop, externalReference, kinds=view.SALES)
    state = review.retry(server.shop, account.actor, str(found.queue_id))
    server.post_soon()
    return Json(Retried(message=f"{found.reference} is tried again.", status=state.value))


@router.post(
    "/queue/{externalReference}/posted",
    summary="Say that SAP holds an invoice somebody entered by hand",
    response_model=ByHand,
)
def posted(
    externalReference: str,  # noqa: N803
    question: ByHandQuestion,
    account: MayCancel,
    server: Server,
) -> Json:
    """SAP is asked for the number, and customer and total are compared; then it counts as posted.

    ``left`` names what of it is still to be posted, such as a payment; that goes on by itself.
    """
    shop, number = server.shop, question.sap_doc_num
    found = view.status(shop, externalReference, kinds=view.SALES)
    actor, queue_id = account.actor, str(found.queue_id)
    done = by_hand.settle(shop, server.settings.sap, actor, queue_id, number=number)
    server.post_soon()
    return Json(ByHand(message=done.sentence, sap_doc_num=done.number, left=list(done.left)))


@payments.get(
    "/{externalReference}",
    summary="How far a queued payment has come",
    response_model=QueuedDocument,
)
def read_payment(externalReference: str, shop: TheShop) -> Json:  # noqa: N803
    """By its reference, or its number in the queue."""
    return Json(codec_queue.document(view.status(shop, externalReference, kinds=("payment",))))
