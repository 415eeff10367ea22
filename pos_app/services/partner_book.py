"""Business partners of every kind, as lists for other programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from pos_app.domain.partner import Partner
from pos_app.domain.price import PriceList
from pos_app.errors import InvalidInput, RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import partner as partners
from pos_app.store import payment_terms
from pos_app.store import price as prices
from pos_app.store.payment_terms import PaymentTerms

__all__ = [
    "Listed",
    "PaymentTerms",
    "SearchBlank",
    "every",
    "listed",
    "one",
    "search",
    "terms",
]

CHUNK = 2000
MOST_FOUND = 200


class SearchBlank(InvalidInput):
    """There is nothing to search for."""

    code = "search_term_required"

    def __init__(self) -> None:
        super().__init__("Say what to search for: a code, a name, a number.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A partner with the price list they buy from; None where the list is not known."""

    partner: Partner
    price_list: PriceList | None


def listed(connection: Connection, found: Iterable[Partner]) -> list[Listed]:
    """Add to each partner its price list."""
    lists = {row.code: row for row in prices.lists(connection)}
    return [Listed(partner, lists.get(partner.price_list)) for partner in found]


def every(shop: Shop, *, kind: str | None = None) -> list[Listed]:
    """Every partner of a kind, or of all, by code."""
    with shop.store.read() as connection:
        found: list[Partner] = []
        while page := partners.page(
            connection, after=found[-1].code if found else "", limit=CHUNK, kind=kind
        ):
            found += page
        return listed(connection, found)


def search(shop: Shop, text: str) -> list[Listed]:
    """Active partners whose code, name, phone, e-mail or tax number fits, best first.

    Raises:
        SearchBlank: the text is empty.
    """
    if not text.strip():
        raise SearchBlank
    with shop.store.read() as connection:
        found = partners.search(connection, text, limit=MOST_FOUND)
        return listed(connection, found)


def one(shop: Shop, code: str) -> Listed:
    """One partner.

    Raises:
        RecordNotFound: there is none of this code.
    """
    with shop.store.read() as connection:
        found = partners.by_code(connection, code)
        if found is None:
            raise RecordNotFound("business partner", code)
        return Listed(found, prices.list_by_code(connection, found.price_list))


def terms(shop: Shop, number: int) -> PaymentTerms:
    """Terms of payment.

    Raises:
        RecordNotFound: there are none of this number.
    """
    with shop.store.read() as connection:
        found = payment_terms.by_number(connection, number)
    if found is None:
        raise RecordNotFound("terms of payment", str(number))
    return found
