"""Customers at the till: the walk-in customer, and those found by code, name or number."""

from __future__ import annotations

from pos_app.domain.partner import Partner
from pos_app.errors import RecordNotFound
from pos_app.services.partner_book import Listed, listed
from pos_app.services.shop import Shop
from pos_app.store import partner as partners

LIMIT = 50


def get(shop: Shop, code: str) -> Partner:
    """One partner by its code.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        found = partners.by_code(connection, code)
    if found is None:
        raise RecordNotFound("customer", code)
    return found


def walk_in(shop: Shop) -> Partner:
    """The customer who is nobody in particular."""
    return get(shop, shop.rules.walk_in)


def search(shop: Shop, text: str, *, limit: int = LIMIT) -> list[Listed]:
    """Customers whose code, name, phone or TIN fits the text, best first."""
    with shop.store.read() as connection:
        found = partners.search(connection, text, limit=limit, kind="customer")
        return listed(connection, found)
