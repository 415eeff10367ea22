"""What a server noticed of documents it took all the same, and what to do about it.

A till has sold and filed before the server hears of it, so nothing is refused; what was wrong is
told at once, and stays in sight until it is put right, or for a week where only people can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from pos_app.domain.notification import NotificationType
from pos_app.services.intake_note import CREDITED, RETURNED, TWICE
from pos_app.services.notification import make as notification
from pos_app.services.notification.make import Asked
from pos_app.services.shop import Shop
from pos_app.store import intake, stock
from pos_app.store import item as items
from pos_app.store import partner as partners
from pos_app.store import sale as sales

KEPT = timedelta(days=7)
"""So long it is named what does not come right by itself."""


@dataclass(frozen=True, slots=True)
class Words:
    """What people are told of a kind of flag.

    Attributes:
        title: behind the number of the document.
        category: of the notification, which says whom it reaches.
        advice: what to do; empty where the sentence says so itself.
    """

    title: str
    category: str
    advice: str = ""


WORDS: Mapping[str, Words] = {
    CREDITED: Words("gives back what was given back before", "CreditNote"),
    RETURNED: Words("gives back what was given back before", "CreditNote"),
    "negative_stock": Words(
        "took more from stock than was there", "Stock",
        "Count the goods, and book the receipt or transfer that is missing; SAP may refuse the "
        "sale until then.",
    ),
    "item_unknown": Words(
        "sold an item that is not known here", "Stock",
        "Fetch items from SAP, or make the item there under this code, before the sale is posted.",
    ),
    "partner_unknown": Words(
        "is for a customer who is not known here", "Sales",
        "Fetch partners from SAP, or make the customer there under this code, before it is posted.",
    ),
    "above_credit_limit": Words(
        "takes its customer above the credit limit", "Sales",
        "Agree with the customer on a payment, or have the limit raised in SAP.",
    ),
    "credit_unknown": Words(
        "may take its customer above the credit limit", "Sales",
        "Enter the exchange rate, then look at what the customer owes.",
    ),
}  # fmt: skip
"""By the code of the flag."""

OTHERWISE = Words("was taken, and something about it is odd", "Sales", "Look at the document.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """One kind of flag with one subject, however many documents have it.

    Attributes:
        documents: how many.
        since: when the first of them came.
        example: the newest document, by its receipt.
    """

    code: str
    sentence: str
    advice: str
    documents: int
    since: datetime
    example: str


def noticed(shop: Shop) -> tuple[Noticed, ...]:
    """What still needs a look, the newest first; each matter once."""
    with shop.store.read() as connection:
        rows = intake.flagged(connection, since=shop.clock.now() - KEPT)
        receipts = sales.receipts_of(connection, [row["key"] for row in rows])
        found: dict[tuple[str, str], Noticed] = {}
        for row in rows:
            receipt = receipts.get(row["key"], row["key"])
            for told in row["flags"]:
                _count(found, told, receipt, row["accepted_at"])
        return tuple(one for matter, one in found.items() if _is_open(connection, *matter))


def _count(
    found: dict[tuple[str, str], Noticed], told: Mapping[str, str], receipt: str, at: datetime
) -> None:
    """Add a flag to its matter: what it is about, or else the document itself."""
    matter = (told["code"], told.get("subject", "") or f"={receipt}")
    known = found.get(matter)
    if known is not None:
        found[matter] = replace(known, documents=known.documents + 1, since=min(known.since, at))
        return
    words = WORDS.get(told["code"], OTHERWISE)
    found[matter] = Noticed(
        code=told["code"],
        sentence=told["sentence"],
        advice=words.advice,
        documents=1,
        since=at,
        example=receipt,
    )


def _is_open(connection: Connection, code: str, subject: str) -> bool:
    """Whether it is still so, where that can be seen."""
    if subject.startswith("="):
        return True
    match code:
        case "item_unknown":
            return not items.find_by_codes(connection, [subject])
        case "partner_unknown":
            return partners.by_code(connection, subject) is None
        case "negative_stock":
            item, warehouse, lot = subject.split("|")
            if lot:
                rows = stock.batches_of(connection, [(item, warehouse)])
                return any(row["batch"] == lot and row["on_hand"] < 0 for row in rows)
            row = stock.of_places(connection, [(item, warehouse)]).get((item, warehouse))
            return row is not None and row["on_hand"] < 0
        case _:
            return True


def tell(
    shop: Shop,
    connection: Connection,
    header: Mapping[str, str],
    flags: Iterable[Mapping[str, str]],
) -> None:
    """Tell people at once, in the transaction that takes a document; each matter once a day."""
    for one in flags:
        words = WORDS.get(one["code"], OTHERWISE)
        is_twice = one["code"] in TWICE
        matter = one.get("subject") or header["id"]
        key = f"noticed:{one['code']}:{matter}:{shop.today}"
        if is_twice:
            key = f"twice:{header['id']}:{one['code']}"
        asked = Asked(
            title=f"{header['receipt']} {words.title}",
            message=f"{one['sentence']} {words.advice}".strip()[:2000],
            type=NotificationType.ERROR if is_twice else NotificationType.WARNING,
            category=words.category,
            entity_type="CreditNote" if is_twice else "Invoice",
            entity_id=header["receipt"],
        )
        notification.tell_in(shop, connection, key, asked)
