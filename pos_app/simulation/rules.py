"""The rules of the simulated shop: two currencies, three taxes, cash and two kinds of cards."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

from pos_app.domain.batch import Strategy
from pos_app.domain.currency import Currency, CurrencyTable
from pos_app.domain.limit import Limit, Rule
from pos_app.domain.tender import TenderType
from pos_app.services.shop import (
    FiscalRules,
    FiscalTax,
    PrinterRules,
    Rules,
    SapRules,
    Seller,
)
from printing.profile import profile_named

ZONE_HOURS = 2
WAREHOUSE = "SHOP1"
SERVER = "S01"
QUIET_SECONDS = 300.0
CLOSES_AT = time(20, 30)
CLOCK_MINUTES = 24 * 60
BY_HAND = frozenset({"T02"})
"""Tills whose manager closes the fiscal day, in the evening or, when it was forgotten, at dawn."""

_TENDERS = (
    ("cash", "cash", 0, "1110", "1111"),
    ("card", "transfer", 1, "1130", "1131"),
    ("ecocash", "transfer", 2, "1120", "1121"),
)


def rules(code: str, *, is_server: bool) -> Rules:
    """The rules of one till, or of the server."""
    return Rules(
        role="server" if is_server else "till",
        till=code,
        warehouse=WAREHOUSE,
        zone="Africa/Harare",
        currency="USD",
        currencies=CurrencyTable(
            (
                Currency("USD", "US dollar", "USD", "USD"),
                Currency("ZIG", "Zimbabwe Gold", "ZWG", "ZiG"),
            )
        ),
        price_lists={"USD": "1", "ZIG": "2"},
        tender_types=tuple(
            TenderType(
                code=name,
                name=name.title(),
                fiscal_money_type=money,
                sap_means=means,
                currencies=("USD", "ZIG"),
                gives_change=name == "cash",
                needs_reference=name != "cash",
                opens_drawer=name == "cash",
            )
            for name, means, money, _usd, _zig in _TENDERS
        ),
        taxes={
            "O1": FiscalTax(tax_id="1", code="A", percent=Decimal("15.5")),
            "O2": FiscalTax(tax_id="2", code="B", percent=Decimal(0)),
            "O3": FiscalTax(tax_id="3", code="C", percent=None),
        },
        masks=("21IIIIIWWWWWC", "22IIIIIPPPPPC"),
        batches=Strategy.FEFO,
        walk_in="C0000",
        limits=(
            Limit(Rule.LINE_DISCOUNT, "Cashier", Decimal(5)),
            Limit(Rule.REFUND, "Cashier", Decimal(5000)),
        ),
        seller=Seller(
            name="Sunrise Grocers",
            tin="2000123456",
            vat_number="220123456",
            branch="First Street",
            address=("12 First Street", "Harare"),
        ),
        hold_minutes=60,
        fiscal=_fiscal(code, is_server=is_server),
        printers=() if is_server else (_printer(code),),
        may_oversell=False,
        has_sap=is_server,
        sap=SapRules(
            local_currency="USD",
            accounts={
                (name, currency): account
                for name, _means, _money, *accounts in _TENDERS
                for currency, account in zip(("USD", "ZIG"), accounts, strict=True)
            },
            cost_centre=WAREHOUSE,
            lease_seconds=600,
            quiet_seconds=QUIET_SECONDS,
        ),
    )


def _printer(code: str) -> PrinterRules:
    return PrinterRules(url=f"simulated:{code}", profile=profile_named("80mm"))


def _fiscal(code: str, *, is_server: bool) -> FiscalRules:
    """Clocks jump by hours here, and selling has to go on to show what comes of it."""
    return FiscalRules(
        device="" if is_server else f"simulated:{code}",
        is_required=not is_server,
        deferred_count=200,
        deferred_hours=24,
        closes_at=None if code in BY_HAND else CLOSES_AT,
        clock_minutes=CLOCK_MINUTES,
    )
