"""Whether the shop keeps its own books: the server says so, and its tills call their lamp by it."""

from __future__ import annotations

from sqlalchemy import Connection

from pos_app.services.shop import Shop
from pos_app.store import feed, setting

KEPT = "shop.books"
"""A setting all tills get, since its name begins as shared ones do."""

OWN, SAP = "own", "sap"


def announce(shop: Shop) -> None:
    """On a server: let the tills know where their documents end."""
    books = SAP if shop.rules.has_sap else OWN
    with shop.store.write() as connection:
        if (setting.read(connection, KEPT) or SAP) != books:
            setting.write(connection, KEPT, books)
            feed.changed(connection, "setting", KEPT)


def keeps_own(connection: Connection) -> bool:
    """On a till: whether its server has no SAP; a till that was never told takes it for SAP."""
    return setting.read(connection, KEPT) == OWN
