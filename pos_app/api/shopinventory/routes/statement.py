"""``/api/Statement``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Response

from pos_app.api.context import TheShop
from pos_app.api.own import OwnPath
from pos_app.api.shopinventory import codec_statement, file
from pos_app.api.shopinventory.page import PeriodOf
from pos_app.api.shopinventory.schemas.statement import StatementDto
from pos_app.api.wire import Json, WireRoute
from pos_app.services import statement, statement_paper
from pos_app.services.saved_paper import Form

router = APIRouter(
    prefix="/Statement",
    tags=["Statement"],
    route_class=WireRoute,
    dependencies=[Depends(OwnPath())],
)

JSON = "application/json"
BOTH: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The statement, as a PDF file or as data.",
        "model": StatementDto,
        "content": file.PDF_RESPONSE[200]["content"],
    }
}


@router.get(
    "/generate/{cardCode}",
    summary="A customer's statement of account",
    response_class=Response,
    responses=BOTH,
)
def generate(
    cardCode: str,  # noqa: N803
    shop: TheShop,
    period: PeriodOf,
    form: Annotated[Literal["pdf", "json"] | None, Query(alias="format")] = None,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """The last three months, or a period; ``format=json`` or ``Accept: application/json`` for data.

    Opening balance, invoices, credit notes and payments per currency with the balance after each,
    and how old what is owed is. It tells of the documents this server holds. A portal account
    sees its own.
    """
    told = statement.of_customer(shop, cardCode, since=period.since, until=period.until)
    name = statement_paper.file_name(told)
    wants_data = JSON in accept and file.PDF not in accept
    if form == "json" or (form is None and wants_data):
        return Json(codec_statement.statement(told, file_name=name))
    return file.pdf(statement_paper.file_of(shop, told, Form.PDF), name)
