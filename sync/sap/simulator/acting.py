"""Which rule answers a request that changes something: by set, and by action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from sync.sap.simulator.attachment import ATTACHMENTS, create_attachment
from sync.sap.simulator.books import Books
from sync.sap.simulator.cancel import (
    CLOSABLE,
    cancel_document,
    close_document,
    reopen_document,
)
from sync.sap.simulator.counting import (
    COUNTINGS,
    POSTINGS,
    close_counting,
    create_counting,
    create_posting,
)
from sync.sap.simulator.document import create_document
from sync.sap.simulator.kind import KINDS, WITHOUT_REVERSAL, Booked
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

Body = Mapping[str, Any]
Deed = Callable[[Books, str, Any, date], Booked]

MOVED = (TRANSFERS, REQUESTS)


def create(books: Books, set_name: str, body: Body, *, today: date) -> Booked:
    """A new entity of a set; raises Refusal and then changes nothing."""
    if set_name in KINDS:
        return create_document(books, set_name, body, today=today)
    if set_name in PAYMENTS:
        return create_payment(books, set_name, body, today=today)
    if set_name in MOVED:
        return create_transfer(books, set_name, body, today=today)
    if set_name == COUNTINGS:
        return create_counting(books, body, today=today)
    if set_name == POSTINGS:
        return create_posting(books, body, today=today)
    return _create_row(books, set_name, body, today)


def act(books: Books, set_name: str, key: Any, action: str, *, today: date) -> Booked:
    """A bound action on one entity; raises Refusal for one the set does not have."""
    deed = ACTIONS.get(action, {}).get(set_name)
    if deed is None:
        raise Refusal(-5006, f"Action {action} is not supported on {set_name}")
    return deed(books, set_name, key, today)


def _create_row(books: Books, set_name: str, body: Body, today: date) -> Booked:
    if set_name == ATTACHMENTS:
        return Booked(*create_attachment(books, body, today=today))
    return Booked(*create_master(books, set_name, body, today=today))


def _silent(rule: Callable[..., Booked], books: Books, name: str, key: Any, day: date) -> Booked:
    """A rule of which only that it worked is told."""
    return replace(rule(books, name, key, today=day), row=None)


def _told(rule: Callable[..., Booked], books: Books, name: str, key: Any, day: date) -> Booked:
    """A rule that answers with what it made."""
    return rule(books, name, key, today=day)


def _close(books: Books, set_name: str, key: Any, _today: date) -> Booked:
    return close_document(books, set_name, key)


def _close_counting(books: Books, _name: str, key: Any, _today: date) -> Booked:
    return close_counting(books, key)


def _reopen(books: Books, set_name: str, key: Any, _today: date) -> Booked:
    return reopen_document(books, set_name, key)


def _approve(books: Books, _name: str, key: Any, today: date) -> Booked:
    return replace(approve_transfer(books, key, today=today), row=None)


ACTIONS: Mapping[str, Mapping[str, Deed]] = {
    "Cancel": {
        **dict.fromkeys(KINDS, partial(_silent, cancel_document)),
        **dict.fromkeys(PAYMENTS, partial(_silent, cancel_payment)),
        **dict.fromkeys(MOVED, partial(_silent, cancel_transfer)),
    },
    "CancelbyCurrentSystemDate": dict.fromkeys(PAYMENTS, partial(_silent, cancel_payment)),
    "CreateCancellationDocument": dict.fromkeys(
        KINDS.keys() - WITHOUT_REVERSAL, partial(_told, cancel_document)
    ),
    "Close": {**dict.fromkeys(CLOSABLE, _close), COUNTINGS: _close_counting},
    "Reopen": dict.fromkeys(WITHOUT_REVERSAL, _reopen),
    "SaveDraftToDocument": {DRAFTS: _approve},
}
"""What may be done to an entity, by action and set."""
