"""Which rule answers a request that changes something: by set, and by action."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sync.sap.simulator.books import Books
from sync.sap.simulator.cancel import cancel_document, close_document, reopen_document
from sync.sap.simulator.counting import (
    COUNTINGS,
    POSTINGS,
    close_counting,
    create_counting,
    create_posting,
)
from sync.sap.simulator.document import create_document
from sync.sap.simulator.kind import KINDS, Booked
from sync.sap.simulator.master import create_master
from sync.sap.simulator.payment import PAYMENTS, cancel_payment, create_payment
from sync.sap.simulator.refusal import Refusal
from sync.sap.simulator.transfer import (
    DRAFTS,
    REQUESTS,
    TRANSFERS,
    approve_transfer,
    cancel_transfer,
    create_transfer,
)


def create(books: Books, set_name: str, body: Mapping[str, Any], *, today: date) -> Booked:
    """A new entity of a set; raises Refusal and then changes nothing."""
    if set_name in KINDS:
        return create_document(books, set_name, body, today=today)
    if set_name in PAYMENTS:
        return create_payment(books, set_name, body, today=today)
    if set_name in (TRANSFERS, REQUESTS):
        return create_transfer(books, set_name, body, today=today)
    if set_name == COUNTINGS:
        return create_counting(books, body, today=today)
    if set_name == POSTINGS:
        return create_posting(books, body, today=today)
    return Booked(*create_master(books, set_name, body, today=today))


def act(books: Books, set_name: str, key: Any, action: str, *, today: date) -> Booked:
    """A bound action on one entity; raises Refusal for one the set does not have."""
    if action == "Cancel":
        return _cancel(books, set_name, key, today)
    if action == "Close" and set_name == COUNTINGS:
        return close_counting(books, key)
    if action == "Close":
        return close_document(books, set_name, key)
    if action == "Reopen":
        return reopen_document(books, set_name, key)
    if action == "SaveDraftToDocument" and set_name == DRAFTS:
        return approve_transfer(books, key, today=today)
    raise _unknown(set_name, action)


def _cancel(books: Books, set_name: str, key: Any, today: date) -> Booked:
    if set_name in KINDS:
        return cancel_document(books, set_name, key, today=today)
    if set_name in PAYMENTS:
        return cancel_payment(books, set_name, key, today=today)
    if set_name in (TRANSFERS, REQUESTS):
        return cancel_transfer(books, set_name, key, today=today)
    raise _unknown(set_name, "Cancel")


def _unknown(set_name: str, action: str) -> Refusal:
    return Refusal(-5006, f"Action {action} is not supported on {set_name}")
