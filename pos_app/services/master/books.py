"""The small kinds, read whole each time: taxes, places, accounts, lists, currencies, periods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Connection

from pos_app.errors import RuleBroken
from pos_app.services.master import row as rows
from pos_app.services.master.fetch import Fetch, Told, tell
from pos_app.services.master.guard import check_shrink
from pos_app.store import currency, payment_terms, period, tax, warehouse
from pos_app.store import price as prices
from pos_app.store.payment_terms import PaymentTerms
from pos_app.store.period import Period
from pos_app.store.warehouse import Account, CostCentre, Warehouse
from sync.sap import company, master

Coded = TypeVar("Coded", Warehouse, Account, CostCentre)


class CurrencyNotInSap(RuleBroken):
    """The shop's settings name a currency that SAP does not have."""

    code = "currency_not_in_sap"

    def __init__(self, ours: str, sap_code: str) -> None:
        super().__init__(
            f"SAP has no currency {sap_code}, which the settings name for {ours}: "
            "correct sap_code.",
            currency=ours,
            sap_code=sap_code,
        )


def taxes(fetch: Fetch) -> Told:
    """VAT groups of sales with every rate they have had, by date."""
    told = [row for row in master.vat_groups(fetch.sap) if row.is_output and row.active]
    groups = [group for row in told for group in rows.tax_groups(fetch.shop, row)]
    with fetch.shop.store.write() as connection:
        known = set(tax.groups(connection))
        _check(fetch, "VAT groups", {group.code for group in known}, told)
        fresh = [group for group in groups if group not in known]
        tax.put(connection, fresh)
        return Told(len(told), tell(connection, [("tax_group", group.code) for group in fresh]))


def places(fetch: Fetch) -> Told:
    """Warehouses; one SAP has no more is closed here."""
    told = [
        Warehouse(row.code, row.name, city=row.city, is_active=row.active)
        for row in master.warehouses(fetch.sap)
    ]
    fresh = _fresh(fetch, "warehouses", told, warehouse.every, warehouse.put)
    with fetch.shop.store.write() as connection:
        return Told(len(told), tell(connection, [("warehouse", place.code) for place in fresh]))


def accounts(fetch: Fetch) -> Told:
    """Accounts that documents name."""
    ours = {one.sap_code: one.code for one in fetch.shop.rules.currencies.currencies}
    told = [
        Account(
            row.code,
            row.name,
            kind=row.kind,
            currency=ours.get(row.currency or "", row.currency or ""),
            is_active=row.active,
            balance=rows.minor(fetch.shop, row.balance),
        )
        for row in master.accounts(fetch.sap)
    ]
    fresh = _fresh(fetch, "accounts", told, warehouse.every_account, warehouse.put_accounts)
    return Told(len(told), len(fresh))


def centres(fetch: Fetch) -> Told:
    """Cost centres and the days they count on."""
    told = [
        CostCentre(
            row.code,
            row.name,
            row.dimension,
            is_active=row.active,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in master.cost_centres(fetch.sap)
    ]
    every, put = warehouse.every_cost_centre, warehouse.put_cost_centres
    fresh = _fresh(fetch, "cost centres", told, every, put, may_be_empty=True)
    return Told(len(told), len(fresh))


def currencies(fetch: Fetch) -> Told:
    """The shop's own currencies, once SAP is seen to have each of them (production lesson L21).

    Raises:
        CurrencyNotInSap: it has not.
    """
    known = {row.code for row in master.currencies(fetch.sap)}
    ours = fetch.shop.rules.currencies.currencies
    for one in ours:
        if one.sap_code not in known:
            raise CurrencyNotInSap(one.code, one.sap_code)
    with fetch.shop.store.write() as connection:
        currency.put(connection, ours)
    return Told(len(known))


def terms_of_payment(fetch: Fetch) -> Told:
    """By when partners pay."""
    told = [
        PaymentTerms(row.number, row.name, row.days, row.months)
        for row in master.payment_terms(fetch.sap)
    ]
    with fetch.shop.store.write() as connection:
        known = set(payment_terms.every(connection))
        _check(fetch, "terms of payment", known, told, may_be_empty=True)
        fresh = [row for row in told if row not in known]
        payment_terms.put(connection, fresh)
    return Told(len(told), len(fresh))


def lists(fetch: Fetch) -> Told:
    """Price lists that are in use."""
    told = [rows.price_list(fetch.shop, row) for row in master.price_lists(fetch.sap) if row.active]
    with fetch.shop.store.write() as connection:
        known = set(prices.lists(connection))
        _check(fetch, "price lists", known, told)
        fresh = [row for row in told if row not in known]
        prices.put_lists(connection, fresh)
        return Told(len(told), tell(connection, [("price_list", row.code) for row in fresh]))


def periods(fetch: Fetch) -> Told:
    """Posting periods: why a document of a day may have to wait (production lesson L56)."""
    told = [
        Period(
            code=row.code,
            name=row.name,
            first=row.first,
            last=row.last,
            is_open=row.is_open,
            allows_sales=row.allows_sales,
            indicator=row.indicator,
        )
        for row in company.periods(fetch.sap)
    ]
    with fetch.shop.store.write() as connection:
        known = period.every(connection)
        _check(fetch, "posting periods", known, told)
        if told != known:
            period.replace(connection, told)
    return Told(len(told), len(set(told) - set(known)))


def _fresh(
    fetch: Fetch,
    kind: str,
    told: Sequence[Coded],
    every: Callable[[Connection], Sequence[Coded]],
    put: Callable[[Connection, Iterable[Coded]], None],
    *,
    may_be_empty: bool = False,
) -> list[Coded]:
    """Store what differs, put out of use what SAP has no more, and return both."""
    with fetch.shop.store.write() as connection:
        known = {row.code: row for row in every(connection)}
        in_use = [row for row in known.values() if row.is_active]
        _check(fetch, kind, in_use, told, may_be_empty=may_be_empty)
        codes = {row.code for row in told}
        gone = [replace(row, is_active=False) for row in in_use if row.code not in codes]
        fresh = [row for row in told if known.get(row.code) != row] + gone
        put(connection, fresh)
        return fresh


def _check(
    fetch: Fetch, kind: str, known: Any, told: Sequence[Any], *, may_be_empty: bool = False
) -> None:
    check_shrink(
        kind,
        len(known),
        len(told),
        is_accepted=fetch.accepts_shrink,
        may_be_empty=may_be_empty,
    )
