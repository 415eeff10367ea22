from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.money import CurrencyMismatch, Money
from pos_app.domain.tax import (
    TaxGroup,
    TaxGroupInvalid,
    TaxKind,
    TaxTable,
    UnmappedTaxGroup,
    tax_totals,
    vat_in_gross,
    vat_on_net,
)

# sums of real and published receipts: (amount, percent, includes VAT, VAT)
VAT = [
    ("115.50", "15.5", True, "15.50"),
    ("346.00", "15.5", True, "46.43"),
    ("411.48", "15.5", True, "55.22"),
    ("0.43", "15.5", True, "0.06"),
    ("100.00", "15.5", False, "15.50"),
    ("115.00", "15", True, "15.00"),
    ("-1.50", "15.5", True, "-0.20"),
    ("100.00", "0", True, "0.00"),
    ("229.85", "15.5", True, "30.85"),
]


@pytest.mark.parametrize(("amount", "percent", "is_gross", "vat"), VAT)
def test_vat_of_known_receipts(amount: str, percent: str, is_gross: bool, vat: str) -> None:
    take = vat_in_gross if is_gross else vat_on_net
    assert str(take(Money.of(amount, "USD"), Decimal(percent))) == vat


def test_exempt_has_no_vat() -> None:
    assert vat_in_gross(Money(100, "USD"), None).is_zero
    assert vat_on_net(Money(100, "USD"), None).is_zero


def group(code: str, percent: str, valid_from: date, *, fiscal: str = "515") -> TaxGroup:
    return TaxGroup(
        code=code,
        name="Standard",
        kind=TaxKind.STANDARD,
        percent=Decimal(percent),
        fiscal_tax_id=fiscal,
        fiscal_code="A",
        sap_vat_group="O01",
        valid_from=valid_from,
    )


def test_the_newest_valid_row_counts() -> None:
    table = TaxTable(
        (
            group("A", "15.5", date(2026, 1, 1)),
            group("A", "14.5", date(2020, 1, 1), fiscal="3"),
            group("A", "15", date(2023, 1, 1), fiscal="3"),
        )
    )
    assert table.on("A", date(2022, 12, 31)).percent == Decimal("14.5")
    assert table.on("A", date(2025, 12, 31)).percent == Decimal("15")
    assert table.on("A", date(2026, 1, 1)).percent == Decimal("15.5")
    with pytest.raises(UnmappedTaxGroup):
        table.on("A", date(2019, 12, 31))
    with pytest.raises(UnmappedTaxGroup) as caught:
        table.on("X", date(2026, 1, 1))
    assert caught.value.details == {"group": "X", "on": "2026-01-01"}


def test_a_group_the_device_or_sap_does_not_know_is_unmapped() -> None:
    table = TaxTable(
        (group("A", "15", date(2020, 1, 1)), group("A", "15.5", date(2026, 1, 1), fiscal=""))
    )
    assert table.on("A", date(2025, 1, 1)).is_mapped
    with pytest.raises(UnmappedTaxGroup):
        table.on("A", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("kind", "percent"),
    [
        (TaxKind.STANDARD, None),
        (TaxKind.STANDARD, "0"),
        (TaxKind.STANDARD, "100"),
        (TaxKind.STANDARD, "-5"),
        (TaxKind.ZERO, None),
        (TaxKind.ZERO, "15.5"),
        (TaxKind.EXEMPT, "0"),
    ],
)
def test_percent_fits_the_kind(kind: TaxKind, percent: str | None) -> None:
    with pytest.raises(TaxGroupInvalid):
        TaxGroup(
            code="A",
            name="",
            kind=kind,
            percent=None if percent is None else Decimal(percent),
            fiscal_tax_id="1",
            fiscal_code="A",
            sap_vat_group="O1",
            valid_from=date(2026, 1, 1),
        )


def test_golden_receipt_with_three_kinds(groups: dict[str, TaxGroup]) -> None:
    totals = tax_totals(
        [
            (groups["standard"], Money.of("3.00", "USD")),
            (groups["standard"], Money.of("-0.30", "USD")),
            (groups["zero"], Money.of("0.99", "USD")),
            (groups["exempt"], Money.of("5.00", "USD")),
        ],
        gross=True,
    )
    assert [(row.group.code, str(row.gross), str(row.vat)) for row in totals] == [
        ("C", "5.00", "0.00"),
        ("B", "0.99", "0.00"),
        ("A", "2.70", "0.36"),
    ]


def test_small_rates_are_rates(groups: dict[str, TaxGroup]) -> None:
    levy = group("L", "0.5", date(2026, 1, 1), fiscal="9")
    (row,) = tax_totals([(levy, Money.of("201.00", "USD"))], gross=True)
    assert str(row.vat) == "1.00"


def test_vat_is_taken_once_per_group_not_per_line(groups: dict[str, TaxGroup]) -> None:
    lines = [Money.of(amount, "USD") for amount in ("122.74", "144.34", "144.40")]
    (row,) = tax_totals(((groups["standard"], line) for line in lines), gross=True)
    assert (str(row.gross), str(row.vat), str(row.net)) == ("411.48", "55.22", "356.26")
    per_line = sum(vat_in_gross(line, Decimal("15.5")).minor for line in lines)
    assert per_line == 5522
    tiny = [Money.of("0.03", "USD")] * 10
    (row,) = tax_totals(((groups["standard"], line) for line in tiny), gross=True)
    assert str(row.vat) == "0.04"


def test_groups_the_device_cannot_tell_apart_are_one() -> None:
    twin = group("A2", "15.5", date(2026, 1, 1))
    rows = [(group("A1", "15.5", date(2026, 1, 1)), Money.of("0.03", "USD"))] * 5
    (row,) = tax_totals([*rows, (twin, Money.of("0.30", "USD"))], gross=True)
    assert str(row.gross) == "0.45"
    assert str(row.vat) == "0.06"


def test_one_document_has_one_currency(groups: dict[str, TaxGroup]) -> None:
    rows = [(groups["standard"], Money(1, "USD")), (groups["standard"], Money(1, "ZIG"))]
    with pytest.raises(CurrencyMismatch):
        tax_totals(rows, gross=True)


def test_device_ids_sort_as_numbers(groups: dict[str, TaxGroup]) -> None:
    nine = group("N", "5", date(2026, 1, 1), fiscal="9")
    word = group("W", "5", date(2026, 1, 1), fiscal="X1")
    rows = [(g, Money(100, "USD")) for g in (groups["standard"], nine, word)]
    assert [row.group.code for row in tax_totals(rows, gross=True)] == ["W", "N", "A"]


@given(st.integers(-(10**9), 10**9), st.sampled_from(["15.5", "15", "14.5", "5", "0"]))
def test_what_a_net_list_adds_the_device_extracts(minor: int, percent: str) -> None:
    net = Money(minor, "USD")
    vat = vat_on_net(net, Decimal(percent))
    assert vat_in_gross(net + vat, Decimal(percent)) == vat
    assert vat_in_gross(-(net + vat), Decimal(percent)) == -vat
