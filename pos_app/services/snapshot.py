"""Baskets written down and read back, exactly as they were priced."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pos_app.domain.currency import Rate
from pos_app.domain.item import Item
from pos_app.domain.partner import Partner
from pos_app.domain.price import PriceQuote
from pos_app.domain.sale import Sale, SaleLine, SaleState
from pos_app.domain.tax import TaxGroup, TaxKind


def write(sale: Sale) -> dict[str, Any]:
    """A basket as JSON data: decimals as text, so that nothing is rounded on the way."""
    return {
        "id": sale.id,
        "till": sale.till,
        "currency": sale.currency,
        "warehouse": sale.warehouse,
        "partner": sale.partner.code if sale.partner else "",
        "business_date": sale.business_date.isoformat(),
        "is_gross": sale.is_gross,
        "discount_percent": str(sale.discount_percent),
        "next_number": sale.next_number,
        "rate": _rate(sale.rate),
        "lines": [_line(line) for line in sale.lines],
    }


def read(data: dict[str, Any], partner: Partner | None) -> Sale:
    """The basket again, open, with its partner as it is known today."""
    rate = data["rate"]
    return Sale(
        id=data["id"],
        till=data["till"],
        currency=data["currency"],
        warehouse=data["warehouse"],
        partner=partner,
        business_date=date.fromisoformat(data["business_date"]),
        is_gross=data["is_gross"],
        discount_percent=Decimal(data["discount_percent"]),
        next_number=data["next_number"],
        rate=Rate(
            rate["base"],
            rate["quote"],
            Decimal(rate["rate"]),
            datetime.fromisoformat(rate["at"]),
        )
        if rate
        else None,
        state=SaleState.OPEN,
        lines=tuple(_read_line(line) for line in data["lines"]),
    )


def _rate(rate: Rate | None) -> dict[str, str] | None:
    if rate is None:
        return None
    return {
        "base": rate.base,
        "quote": rate.quote,
        "rate": str(rate.rate),
        "at": rate.at.isoformat(),
    }


def _line(line: SaleLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "item": {**asdict(line.item), "barcodes": list(line.item.barcodes)},
        "quantity": str(line.quantity),
        "quote": {**asdict(line.quote), "unit_price": str(line.quote.unit_price)},
        "tax": {
            **asdict(line.tax),
            "kind": line.tax.kind.value,
            "percent": None if line.tax.percent is None else str(line.tax.percent),
            "valid_from": line.tax.valid_from.isoformat(),
        },
        "discount_percent": str(line.discount_percent),
        "batch": line.batch,
        "scanned": line.scanned,
    }


def _read_line(data: dict[str, Any]) -> SaleLine:
    item, quote, tax = dict(data["item"]), dict(data["quote"]), dict(data["tax"])
    percent = tax["percent"]
    return SaleLine(
        number=data["number"],
        item=Item(**{**item, "barcodes": tuple(item["barcodes"])}),
        quantity=Decimal(data["quantity"]),
        quote=PriceQuote(**{**quote, "unit_price": Decimal(quote["unit_price"])}),
        tax=TaxGroup(
            **{
                **tax,
                "kind": TaxKind(tax["kind"]),
                "percent": None if percent is None else Decimal(percent),
                "valid_from": date.fromisoformat(tax["valid_from"]),
            }
        ),
        discount_percent=Decimal(data["discount_percent"]),
        batch=data["batch"],
        scanned=data["scanned"],
    )
