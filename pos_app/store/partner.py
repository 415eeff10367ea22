"""Business partners: customers and suppliers, their limits, and how they are found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Text,
    bindparam,
    func,
    literal,
    select,
    update,
)

from pos_app.domain.currency import ALL_CURRENCIES
from pos_app.domain.money import Money
from pos_app.domain.partner import Partner
from pos_app.store.among import among
from pos_app.store.fast import Prepared, Record
from pos_app.store.item_table import chunks
from pos_app.store.schema import Flag, Id, Instant, Minor, SortText, autokey, table
from pos_app.store.upsert import upsert
from pos_app.store.words import (
    all_prefixes,
    full_text,
    matching,
    place_of,
    search_text,
    words_of,
)

partners = table(
    "partners",
    autokey("number"),
    Column("code", Id, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),  # customer | supplier
    Column("price_list", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("credit_limit", Minor),  # none: without limit
    Column("balance", Minor),  # none: unknown
    Column("money_currency", Text, nullable=False),  # of limit and balance
    Column("is_active", Flag, nullable=False),
    Column("tin", Text, nullable=False),
    Column("vat_number", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("words", SortText, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("partners_by_words", "words"),
    Index("partners_by_kind", "kind", "code"),
)
full_text(partners)

_CANDIDATES = 300
_SUBSCRIBER_DIGITS = 9
"""Digits of a Zimbabwean number behind +263 or the 0 that stands for it."""


def by_code(connection: Connection, code: str) -> Partner | None:
    """One partner, active or not."""
    row = _BY_CODE.first_mapping(connection, {"of_code": code})
    return _partner(row) if row else None


def hold(connection: Connection, code: str) -> datetime | None:
    """Keep a partner from other writers until the transaction ends; when it was told of last."""
    query = select(partners.c.changed_at).where(partners.c.code == code).with_for_update()
    found: datetime | None = connection.execute(query).scalar()
    return found


def by_codes(connection: Connection, codes: Iterable[str]) -> dict[str, Partner]:
    """Partners by their codes; codes nobody has are left out."""
    found: dict[str, Partner] = {}
    for chunk in chunks(codes):
        rows = _BY_CODES.all_mappings(connection, {"of_codes": chunk})
        found |= {row["code"]: _partner(row) for row in rows}
    return found


def owe(connection: Connection, code: str, *, minor: int, currency: str) -> bool:
    """Add to what a partner owes; False where the balance is kept in another currency.

    An unknown balance becomes known by its first entry: these books are all there is.
    """
    ours = (partners.c.code == code) & (partners.c.money_currency == currency)
    known = func.coalesce(partners.c.balance, 0) + minor
    return connection.execute(update(partners).where(ours).values(balance=known)).rowcount == 1


def search(
    connection: Connection, text: str, *, limit: int, kind: str | None = None
) -> list[Partner]:
    """Active partners whose code, name, phone, e-mail, TIN or VAT number fits, best first.

    Every word of the text must begin one of theirs; without any word the first by name.
    """
    wanted = words_of(text)
    query = select(partners).where(partners.c.is_active == literal(True, Flag()))
    if kind is not None:
        query = query.where(partners.c.kind == kind)
    if not wanted:
        first = query.order_by(partners.c.name, partners.c.code).limit(limit)
        rows = connection.execute(first).mappings()
        return [_partner(row) for row in rows]
    dialect = connection.dialect.name
    fitting = matching(query, partners, dialect=dialect).limit(max(limit, _CANDIDATES))
    given = {"query": all_prefixes(wanted, dialect=dialect)}
    rows = connection.execute(fitting, given).mappings()
    name = text.strip().casefold()
    ranked = sorted(
        ((row["code"].casefold() != name, place, row["words"], row["code"]), row)
        for row in rows
        if (place := place_of(row["words"].split(" "), wanted)) is not None
    )
    return [_partner(row) for _, row in ranked[:limit]]


def page(
    connection: Connection, *, after: str = "", limit: int, kind: str | None = None
) -> list[Partner]:
    """The next partners by code behind `after`; a short page is the last one."""
    query = select(partners).where(partners.c.code > after)
    if kind is not None:
        query = query.where(partners.c.kind == kind)
    rows = connection.execute(query.order_by(partners.c.code).limit(limit)).mappings()
    return [_partner(row) for row in rows]


def count(connection: Connection, *, kind: str | None = None) -> int:
    """How many partners there are."""
    query = select(func.count()).select_from(partners)
    if kind is not None:
        query = query.where(partners.c.kind == kind)
    return int(connection.execute(query).scalar_one())


def put(connection: Connection, told: Iterable[Partner], *, at: datetime) -> None:
    """Insert or change partners, any number of them."""
    for chunk in chunks(told):
        upsert(connection, partners, [_row(partner, at) for partner in chunk], key=("code",))


def _partner(row: Record) -> Partner:
    limit, balance = row["credit_limit"], row["balance"]
    return Partner(
        code=row["code"],
        name=row["name"],
        price_list=row["price_list"],
        currency=row["currency"],
        credit_limit=None if limit is None else Money(limit, row["money_currency"]),
        balance=None if balance is None else Money(balance, row["money_currency"]),
        is_active=row["is_active"],
        tin=row["tin"],
        vat_number=row["vat_number"],
        address=row["address"],
        phone=row["phone"],
        email=row["email"],
        kind=row["kind"],
    )


def _row(partner: Partner, at: datetime) -> dict[str, Any]:
    limit, balance = partner.credit_limit, partner.balance
    known = [money.currency for money in (limit, balance) if money is not None]
    own = "" if partner.currency == ALL_CURRENCIES else partner.currency
    if len(set(known)) > 1:
        raise ValueError(f"limit and balance of partner {partner.code} are in two currencies")
    return {
        "code": partner.code,
        "name": partner.name,
        "kind": partner.kind,
        "price_list": partner.price_list,
        "currency": partner.currency,
        "credit_limit": None if limit is None else limit.minor,
        "balance": None if balance is None else balance.minor,
        "money_currency": known[0] if known else own,
        "is_active": partner.is_active,
        "tin": partner.tin,
        "vat_number": partner.vat_number,
        "address": partner.address,
        "phone": partner.phone,
        "email": partner.email,
        "words": search_text(
            partner.name,
            partner.code,
            *_phone_words(partner.phone),
            partner.tin,
            partner.vat_number,
            partner.email,
        ),
        "changed_at": at,
    }


def _phone_words(phone: str) -> tuple[str, ...]:
    """A number as people type it: with the country, with the 0, and bare."""
    digits = re.sub(r"\D", "", phone)
    bare = digits[-_SUBSCRIBER_DIGITS:]
    return (digits, f"0{bare}", bare) if digits else ()


_BY_CODE = Prepared(select(partners).where(partners.c.code == bindparam("of_code")))
_BY_CODES = Prepared(select(partners).where(among(partners.c.code, "of_codes")))
