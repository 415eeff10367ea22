"""What other programs hear of master data that was fetched: customers, and prices."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from pos_app.domain.partner import Partner
from pos_app.domain.webhook import WebhookEvent
from pos_app.services.shop import Shop
from pos_app.services.webhook import event

NEW, CHANGED = WebhookEvent.CUSTOMER_CREATED, WebhookEvent.CUSTOMER_UPDATED
ITEMS_AT_ONCE = 100
"""A notice about prices names so many items at most."""


def customers(
    shop: Shop, connection: Connection, found: Sequence[Partner], kind: WebhookEvent
) -> None:
    """Tell of customers that are new or were changed; suppliers are nobody's business."""
    told = [
        (one.code, {"cardCode": one.code, "cardName": one.name, "isActive": one.is_active})
        for one in found
        if one.kind == "customer"
    ]
    event.tell_each(shop, connection, kind, told)


def new_prices(shop: Shop, connection: Connection, items: Sequence[str]) -> None:
    """Tell whose prices are others now, a hundred items at a time."""
    pages = [items[at : at + ITEMS_AT_ONCE] for at in range(0, len(items), ITEMS_AT_ONCE)]
    told = [(f"prices|{some[0]}", {"itemCodes": some, "count": len(some)}) for some in pages]
    event.tell_each(shop, connection, WebhookEvent.PRICE_CHANGED, told)
