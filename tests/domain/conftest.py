"""What the domain tests share: one small shop as frozen values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import settings

from pos_app.domain.currency import Rate
from pos_app.domain.item import Item
from pos_app.domain.price import PriceQuote
from pos_app.domain.sale import Sale, SaleLine
from pos_app.domain.tax import TaxGroup, TaxKind
from pos_app.domain.tender import TenderType

settings.register_profile("domain", parent=settings.get_profile("house"), max_examples=150)
settings.load_profile("domain")


def tax_group(code: str, percent: str | None, fiscal_tax_id: str) -> TaxGroup:
    kind = TaxKind.STANDARD
    if percent is None or Decimal(percent) == 0:
        kind = TaxKind.EXEMPT if percent is None else TaxKind.ZERO
    return TaxGroup(
        code=code,
        name=kind.value,
        kind=kind,
        percent=None if percent is None else Decimal(percent),
        fiscal_tax_id=fiscal_tax_id,
        fiscal_code=code[:1],
        sap_vat_group=f"O{fiscal_tax_id}",
        valid_from=date(2026, 1, 1),
    )


@pytest.fixture(scope="session")
def groups() -> dict[str, TaxGroup]:
    return {
        "standard": tax_group("A", "15.5", "515"),
        "zero": tax_group("B", "0", "2"),
        "exempt": tax_group("C", None, "1"),
    }


@pytest.fixture(scope="session")
def rate() -> Rate:
    return Rate("USD", "ZIG", Decimal("25.75"), datetime(2026, 9, 1, 6, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def tender_types() -> dict[str, TenderType]:
    both = ("USD", "ZIG")
    return {
        "cash": TenderType("cash", "Cash", 0, "cash", both, gives_change=True, opens_drawer=True),
        "card": TenderType("card", "Card", 1, "card", both),
        "ecocash": TenderType("ecocash", "EcoCash", 2, "transfer", both, needs_reference=True),
        "usd_only": TenderType("innbucks", "InnBucks", 2, "transfer", ("USD",)),
    }


@pytest.fixture(scope="session")
def make_line(groups: dict[str, TaxGroup]) -> Callable[..., SaleLine]:
    def make(
        price: str = "1.99",
        quantity: str = "1",
        *,
        group: str = "standard",
        is_gross: bool = True,
        decimals: int = 6,
        number: int = 0,
        is_free: bool = False,
        discount: str = "0",
        currency: str = "USD",
    ) -> SaleLine:
        item = Item("BREAD", "Bread 700 g", "each", decimals, group, is_free=is_free)
        quote = PriceQuote(
            unit_price=Decimal(price),
            currency=currency,
            is_gross=is_gross,
            price_list="RETAIL",
            rule="list",
            explanation="list Retail",
        )
        return SaleLine(number, item, Decimal(quantity), quote, groups[group], Decimal(discount))

    return make


@pytest.fixture(scope="session")
def make_sale() -> Callable[..., Sale]:
    def make(*lines: SaleLine, is_gross: bool = True, currency: str = "USD") -> Sale:
        sale = Sale(
            id="0192f0a0-0000-7000-8000-000000000001",
            till="T01",
            currency=currency,
            warehouse="SHOP1",
            partner=None,
            business_date=date(2026, 9, 1),
            is_gross=is_gross,
        )
        for line in lines:
            sale = sale.with_line(line)
        return sale

    return make
