"""Many keys looked up in one exchange, before a lot of documents that waited is posted.

An empty answer is SAP's "no", as of a look-up of its own; anything else is no "no" and is asked
again by itself (production lessons L01, L02; SAP Service Layer user guide on ``$batch``).
"""

from __future__ import annotations

from collections.abc import Sequence

from sync.sap import batch, documents, entered
from sync.sap.client import ServiceLayer
from sync.sap.envelope import next_link
from sync.sap.errors import SapRejected
from sync.sap.query import Query, both, equals
from sync.sap.requests import PaymentRequest, RefundRequest

ONLY = ("DocEntry",)


def key_path(sl: ServiceLayer, set_name: str, key: str) -> str:
    """What to read to know whether SAP holds a document with our key; empty where one cannot."""
    if not set_name or set_name in entered.COUNTS or set_name in entered.PAYMENTS:
        return ""
    where = equals(sl.settings.key_field, key)
    if set_name not in entered.TRANSFERS:
        where = both(where, documents.NOT_CANCELLED)
    return f"{set_name}?{Query(select=ONLY, where=where).options()}"


def payment_path(sl: ServiceLayer, set_name: str, request: PaymentRequest | RefundRequest) -> str:
    """The same for a payment by customer, day and reference."""
    where = documents.payment_where(sl, request)
    return f"{set_name}?{Query(select=ONLY, where=where).options()}"


def absent(sl: ServiceLayer, paths: Sequence[str]) -> list[bool | SapRejected]:
    """Whether SAP proves that it holds nothing, for each path on its own; False is no proof.

    Raises:
        SapRejected: SAP takes no batch.
        Unavailable: nothing is known of any of them.
    """
    return [_is_absent(answer) for answer in batch.read_each(sl, paths)]


def _is_absent(answer: object) -> bool | SapRejected:
    if isinstance(answer, SapRejected):
        return answer
    is_whole = isinstance(answer, dict) and next_link(answer) is None
    return is_whole and isinstance(answer, dict) and answer.get("value") == []
