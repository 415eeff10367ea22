"""The operations of a REVMax box: which are reads, and how each is addressed over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

BASE_PATH = "/api/RevmaxAPI/"


class Op(StrEnum):
    """Operations by the box's own names."""

    CARD = "GetCardDetails"
    DAY_STATUS = "GetDayStatus"
    GET_LICENSE = "GetLicense"
    SET_LICENSE = "SetLicense"
    Z_REPORT = "ZReport"
    GET_INVOICE = "GetInvoice"
    BACKLOG = "GetUnProcessedInvoicesSummary"
    TRANSACT = "TransactM"
    TRANSACT_EXT = "TransactMExt"


WRITES = frozenset({Op.SET_LICENSE, Op.Z_REPORT, Op.TRANSACT, Op.TRANSACT_EXT})
"""They change the device, three of them behind other verbs than one would think: sent once."""

POSTS = frozenset({Op.TRANSACT, Op.TRANSACT_EXT})


def target(op: Op, body: Mapping[str, Any] | None) -> str:
    """Path and query of an operation; the body of a GET becomes part of it."""
    path = BASE_PATH + op.value
    if op in POSTS or not body:
        return path
    if op is Op.GET_INVOICE:
        return f"{path}/{quote(str(body['InvoiceNumber']), safe='')}"
    return f"{path}?{urlencode(body, quote_via=quote)}"
