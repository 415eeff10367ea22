"""Refusals with a list of lines, in the shape the contract gives them."""

from __future__ import annotations

from fastapi import FastAPI, Request

from pos_app.api import errors
from pos_app.api.shopinventory import codec_desktop
from pos_app.api.wire import Json
from pos_app.services.batch import StockInvalid


def install(app: FastAPI) -> None:
    """Answer lines that cannot be served with one entry each."""
    app.add_exception_handler(StockInvalid, _stock)


def _stock(request: Request, error: Exception) -> Json:
    assert isinstance(error, StockInvalid)  # noqa: S101 - registered for nothing else
    for_reservation = request.url.path.lower().startswith("/api/desktopintegration/")
    rows = [
        codec_desktop.stock_problem(problem, for_reservation=for_reservation)
        for problem in error.problems
    ]
    return errors.refusal(
        400,
        error.sentence,
        code=error.code,
        details="; ".join(row.message for row in rows),
        success=False,
        message=error.sentence,
        reservation=None,
        errors=rows,
        warnings=[],
    )
