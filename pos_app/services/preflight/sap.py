"""What SAP lacks for today's documents: looked at before the first of them is sent (lesson L56)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pos_app.domain.preflight import Problem, Stops
from pos_app.domain.tender import SapMeans
from pos_app.services.shop import Rules, Shop
from pos_app.store import preflight as store
from sync.sap import company, master, probe
from sync.sap.client import ServiceLayer
from sync.sap.errors import Kind, SapRejected

SERIES = {"invoice": 13, "credit_note": 14, "payment": 24, "refund": 46}
"""SAP's object numbers of what a till becomes there."""

FEW_NUMBERS = 500


def look(shop: Shop, sap: ServiceLayer, day: date) -> list[Problem]:
    """Everything that would make SAP refuse documents of a day.

    Raises:
        SyncError: SAP could not be asked; that says neither yes nor no.
    """
    rules = shop.rules
    with shop.store.read() as connection:
        partners = sorted(store.waiting_partners(connection) | {rules.walk_in})
        items = sorted(store.waiting_items(connection))
        taxes = store.taxes_in_use(connection)
    return [
        *_fields(sap),
        *_company(rules, sap),
        *_period(sap, day),
        *_rates(rules, sap, day),
        *_taxes(rules, sap, day, taxes),
        *_accounts(rules, sap),
        *_places(rules, sap),
        *_partners(sap, partners),
        *_items(sap, items),
    ]


def _fields(sap: ServiceLayer) -> Iterator[Problem]:
    for missing in probe.missing_fields(sap):
        yield Problem(
            code="field_missing",
            subject=f"{missing.set_name}.{missing.field}",
            sentence=str(missing),
            stops=Stops.EVERYTHING,
        )


def _company(rules: Rules, sap: ServiceLayer) -> Iterator[Problem]:
    found = company.company(sap)
    ours = rules.currencies.get(rules.sap.local_currency).sap_code
    if found.local_currency != ours:
        words = (
            f"SAP's own currency is {found.local_currency} and the settings say {ours}: "
            "correct sap.local_currency."
        )
        yield Problem(
            code="local_currency_differs",
            subject=found.local_currency,
            sentence=words,
            stops=Stops.EVERYTHING,
        )


def _period(sap: ServiceLayer, day: date) -> Iterator[Problem]:
    """The period of the day is open for sales, and every kind has a series that belongs to it."""
    period = next((row for row in company.periods(sap) if row.first <= day <= row.last), None)
    if period is None or not period.allows_sales:
        state = "has no posting period" if period is None else f"has period {period.code} closed"
        words = f"SAP {state} for sales on {day}: open it there; documents wait until then."
        subject = day.isoformat()
        yield Problem(code="period_closed", subject=subject, sentence=words, stops=Stops.DAY)
        return
    for kind, number in SERIES.items():
        fits = [
            row
            for row in company.series(sap, number)
            if not row.is_locked and row.indicator in ("Default", period.indicator)
        ]
        usable = [row for row in fits if row.left is None or row.left > 0]
        name = kind.replace("_", " ")
        if not usable:
            words = f"No numbering series for a {name} is open in {period.code}: set it up in SAP."
            if fits:
                words = f"The numbering series for a {name} is used up: extend it in SAP."
            yield Problem(code="series_unusable", subject=kind, sentence=words, stops=Stops.KIND)
        elif all(row.left is not None and row.left < FEW_NUMBERS for row in usable):
            left = sum(row.left or 0 for row in usable)
            words = f"Only {left} numbers are left for a {name}: extend the series in SAP."
            yield Problem(code="series_near_end", subject=kind, sentence=words)


def _rates(rules: Rules, sap: ServiceLayer, day: date) -> Iterator[Problem]:
    for currency in rules.currencies.currencies:
        if currency.code == rules.sap.local_currency or not currency.sap_code:
            continue
        try:
            company.rate(sap, currency.sap_code, day)
        except SapRejected as refusal:
            if refusal.kind is not Kind.WAITING_FOR_RATE:
                raise
            words = f"SAP has no rate of {currency.sap_code} for {day}: enter it there."
            yield Problem(
                code="rate_missing", subject=currency.code, sentence=words, stops=Stops.CURRENCY
            )


def _taxes(rules: Rules, sap: ServiceLayer, day: date, used: set[str]) -> Iterator[Problem]:
    """The VAT groups of our goods exist, for sales, with our very rate on the day (lesson L09)."""
    known = {row.code: row for row in master.vat_groups(sap)}
    for code in sorted(used):
        row, ours = known.get(code), rules.taxes.get(code)
        why = ""
        if row is None or not row.active or not row.is_output:
            why = "is no active VAT group for sales in SAP: set it up there"
        elif row.rate_on(day) is None:
            why = f"has no rate in SAP on {day}: enter it there"
        elif ours is not None and row.rate_on(day) != (ours.percent or 0):
            why = (
                f"is {row.rate_on(day)} % in SAP on {day} and {ours.percent or 0} % in the "
                "settings: find out which is right"
            )
        if why:
            words = f"Tax group {code} {why}."
            yield Problem(code="vat_group_wrong", subject=code, sentence=words, stops=Stops.TAX)


def _accounts(rules: Rules, sap: ServiceLayer) -> Iterator[Problem]:
    known = {row.code: row for row in master.accounts(sap)}
    for kind in rules.tender_types:
        if kind.sap_means == SapMeans.ACCOUNT:
            continue
        for currency in kind.currencies:
            code = rules.sap.accounts.get((kind.code, currency), "")
            row = known.get(code)
            ours = rules.currencies.get(currency).sap_code
            why = ""
            if not code:
                why = "has no account in the settings: name one under sap_accounts"
            elif row is None:
                why = f"has account {code}, which SAP does not have: correct one of them"
            elif not row.active:
                why = f"has account {code}, which is not active in SAP: activate it there"
            elif row.currency not in (None, "##", ours):
                why = f"has account {code}, which SAP keeps in {row.currency}: name another"
            if why:
                yield Problem(
                    code="account_unusable",
                    subject=f"{kind.code} {currency}",
                    sentence=f"Tender {kind.code} in {currency} {why}.",
                    stops=Stops.TENDER,
                )


def _places(rules: Rules, sap: ServiceLayer) -> Iterator[Problem]:
    known = {row.code: row.active for row in master.warehouses(sap)}
    for code in (rules.warehouse, rules.damaged_warehouse):
        if code and not known.get(code):
            words = f"Warehouse {code} of the settings is not in SAP or not active: correct one."
            yield Problem(code="warehouse_unusable", subject=code, sentence=words)
    centre = rules.sap.cost_centre
    if centre and not any(row.code == centre and row.active for row in master.cost_centres(sap)):
        words = f"Cost centre {centre} of the settings is not in SAP or not active: correct one."
        yield Problem(
            code="cost_centre_unusable", subject=centre, sentence=words, stops=Stops.EVERYTHING
        )


def _partners(sap: ServiceLayer, codes: list[str]) -> Iterator[Problem]:
    """Those of the documents that wait, and the customer who is nobody in particular."""
    known = {row.code: row.active for row in master.partners_by_code(sap, codes)}
    for code in codes:
        if not known.get(code):
            why = "is not active in SAP" if code in known else "is not in SAP"
            words = f"Partner {code} {why}: put that right there; its documents wait."
            yield Problem(
                code="partner_unusable", subject=code, sentence=words, stops=Stops.PARTNER
            )


def _items(sap: ServiceLayer, codes: list[str]) -> Iterator[Problem]:
    """The goods of the documents that wait: they are sold, whatever SAP says of them since."""
    select = ("ItemCode", "Valid", "Frozen")
    rows = master.rows_of(sap, "Items", "ItemCode", codes, select=select)
    known = {row["ItemCode"]: master.is_active(row) for row in rows}
    for code in codes:
        if not known.get(code):
            why = "is not active in SAP" if code in known else "is not in SAP"
            words = f"Item {code} {why} and was sold: put that right there; its documents wait."
            yield Problem(code="item_unusable", subject=code, sentence=words, stops=Stops.ITEM)
