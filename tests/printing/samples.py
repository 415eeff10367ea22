"""Papers to print in tests: a shop, its receipts, slips and reports; and a clock that waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from printing.fiscal_day import CurrencyTotals, DocumentTotal, FiscalDayReport, TaxTotal
from printing.receipt import (
    Buyer,
    ChangeLine,
    Discount,
    FiscalRecord,
    Original,
    Receipt,
    ReceiptKind,
    ReceiptLine,
    Seller,
    TaxRow,
    TenderLine,
)
from printing.shift import CountTotal, Denomination, DrawerCount, ShiftReport, TenderTotal
from printing.slip import OrderSlip, ParkedSale, SlipLine

D = Decimal


class VirtualClock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.time = datetime(2026, 9, 11, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


SELLER = Seller(
    name="Musasa Grocers (Pvt) Ltd",
    tin="2000123456",
    vat_number="220012345",
    branch="Avondale",
    address=("12", "King George Road", "Harare", "Harare"),
    phone="+263 24 2123456",
    email="shop@musasa.example",
)
FISCAL = FiscalRecord(
    device_id="22862",
    device_serial="RVX-0001",
    fiscal_day=7,
    receipt_counter=3,
    receipt_global_no=216877,
    qr="https://fdms.zimra.co.zw/000002286211092026000021687760A74CD961202377",
    verification_code="60A7-4CD9-6120-2377",
    verification_url="https://fdms.zimra.co.zw",
)
LINES = (
    ReceiptLine(
        name="Maize meal roller 10 kg",
        quantity=D("3"),
        price=D("5.00"),
        amount=D("15.00"),
        tax_letter="B",
        discounts=(Discount(name="Discount 5 %", amount=D("-0.75"), tax_letter="B"),),
    ),
    ReceiptLine(
        name="Tomatoes loose, field grown, first grade, from the Mutoko valley growers",
        quantity=D("0.555"),
        uom="kg",
        price=D("1.081081"),
        amount=D("0.60"),
        tax_letter="C",
        note="Batch TM-0911",
    ),
    ReceiptLine(
        name="Café au lait 1 l",
        quantity=D("1"),
        price=D("11.14"),
        amount=D("11.14"),
        tax_letter="A",
    ),
)
TAXES = (
    TaxRow(letter="A", percent=D("15.5"), net=D("9.65"), vat=D("1.49"), gross=D("11.14")),
    TaxRow(letter="B", percent=D("0"), net=D("14.25"), vat=D("0"), gross=D("14.25")),
    TaxRow(letter="C", percent=None, net=D("0.60"), vat=D("0"), gross=D("0.60")),
)
INVOICE = Receipt(
    kind=ReceiptKind.INVOICE,
    seller=SELLER,
    fiscal=FISCAL,
    reference="T01-000042",
    issued_at=datetime(2026, 9, 11, 14, 5),  # noqa: DTZ001 - the device's own local time
    currency="USD",
    lines=LINES,
    total=D("25.99"),
    tenders=(
        TenderLine(name="Cash", amount=D("45.00"), currency="USD"),
        TenderLine(
            name="EcoCash",
            amount=D("120.00"),
            currency="ZIG",
            equivalent=D("5.00"),
            rate=D("24.000000"),
            reference="MP260911.1405.A77",
        ),
    ),
    change=(ChangeLine(amount=D("24.01"), currency="USD"),),
    taxes=TAXES,
    cashier="Rudo M.",
    till="T01",
    footer=("Thank you. Goods are exchanged within 7 days with this receipt.",),
)
CREDIT_NOTE = replace(
    INVOICE,
    kind=ReceiptKind.CREDIT_NOTE,
    reference="T01-000043",
    fiscal=replace(FISCAL, receipt_counter=4, receipt_global_no=216878),
    lines=(
        ReceiptLine(
            name="Café au lait 1 l",
            quantity=D("1"),
            price=D("-11.14"),
            amount=D("-11.14"),
            tax_letter="A",
        ),
    ),
    total=D("-11.14"),
    tenders=(TenderLine(name="Cash", amount=D("-11.14"), currency="USD"),),
    change=(),
    taxes=(
        TaxRow(letter="A", percent=D("15.5"), net=D("-9.65"), vat=D("-1.49"), gross=D("-11.14")),
    ),
    original=Original(
        device_serial="RVX-0001",
        receipt_global_no=216877,
        issued_at=datetime(2026, 9, 11, 14, 5),  # noqa: DTZ001
        reference="T01-000042",
    ),
    notes="Damaged carton, returned unopened.",
    buyer=Buyer(
        name="Chipo Moyo Catering",
        tin="2000654321",
        vat_number="220054321",
        address=("4 Samora Machel Avenue", "Harare"),
        email="orders@chipo.example",
    ),
    copy_number=2,
)
DEBIT_NOTE = replace(
    CREDIT_NOTE,
    kind=ReceiptKind.DEBIT_NOTE,
    copy_number=0,
    lines=(replace(CREDIT_NOTE.lines[0], price=D("2.00"), amount=D("2.00")),),
    total=D("2.00"),
    tenders=(TenderLine(name="Cash", amount=D("2.00"), currency="USD"),),
    taxes=(TaxRow(letter="A", percent=D("15.5"), net=D("1.73"), vat=D("0.27"), gross=D("2.00")),),
    notes="Deposit for the crate was missing.",
)
LARGE = replace(
    INVOICE,
    currency="ZIG",
    lines=(
        ReceiptLine(
            name="Solar inverter 5 kVA with four lithium batteries and cabling",
            quantity=D("12"),
            price=D("1098765.43"),
            amount=D("13185185.16"),
            tax_letter="A",
        ),
    ),
    total=D("13185185.16"),
    tenders=(TenderLine(name="Bank transfer", amount=D("13185185.16"), currency="ZIG"),),
    change=(),
    taxes=(
        TaxRow(
            letter="A",
            percent=D("15.5"),
            net=D("11415744.73"),
            vat=D("1769440.43"),
            gross=D("13185185.16"),
        ),
    ),
)
NOT_VAT = replace(INVOICE, seller=replace(SELLER, vat_number=""), footer=(), header=("Open 7-19",))

PARKED = ParkedSale(
    shop="Musasa Grocers",
    number="H-17",
    barcode="HOLD-T01-17",
    till="T01",
    cashier="Rudo M.",
    parked_at=datetime(2026, 9, 11, 14, 5),  # noqa: DTZ001
    valid_until=datetime(2026, 9, 11, 15, 5),  # noqa: DTZ001
    lines=(
        SlipLine(name="Maize meal roller 10 kg", quantity=D("3")),
        SlipLine(name="Tomatoes loose", quantity=D("0.555"), uom="kg", note="Batch TM-0911"),
    ),
    total=D("15.60"),
    currency="USD",
    label="Lady in the green hat",
)
ORDER = OrderSlip(
    shop="Musasa Grocers",
    number="SO-9",
    till="T01",
    cashier="Rudo M.",
    ordered_at=datetime(2026, 9, 11, 14, 5),  # noqa: DTZ001
    lines=PARKED.lines,
    customer="Chipo Moyo Catering",
    notes="Collect at the back door.",
)
SHIFT = ShiftReport(
    shop="Musasa Grocers",
    till="T01",
    shift="T01-S0031",
    cashier="Rudo M.",
    business_date=date(2026, 9, 11),
    opened_at=datetime(2026, 9, 11, 7, 58),  # noqa: DTZ001
    printed_at=datetime(2026, 9, 11, 19, 4),  # noqa: DTZ001
    closed_at=datetime(2026, 9, 11, 19, 3),  # noqa: DTZ001
    sales=(CountTotal(currency="USD", count=120, amount=D("1520.40")),),
    refunds=(CountTotal(currency="USD", count=2, amount=D("-22.28")),),
    voids=3,
    tenders=(
        TenderTotal(name="Cash", currency="USD", count=80, amount=D("900.12")),
        TenderTotal(name="EcoCash", currency="ZIG", count=31, amount=D("14000.00")),
    ),
    drawers=(
        DrawerCount(
            currency="USD",
            opening=D("50.00"),
            cash_sales=D("1000.00"),
            cash_refunds=D("11.14"),
            change_given=D("88.74"),
            paid_in=D("0"),
            paid_out=D("5.00"),
            pickups=D("800.00"),
            expected=D("145.12"),
            counted=D("145.00"),
            denominations=(
                Denomination(value=D("20"), count=6),
                Denomination(value=D("5"), count=5),
                Denomination(value=D("0.50"), count=0),
            ),
        ),
        DrawerCount(
            currency="ZIG",
            opening=D("200.00"),
            cash_sales=D("100.00"),
            cash_refunds=D("0"),
            change_given=D("0"),
            paid_in=D("0"),
            paid_out=D("0"),
            pickups=D("0"),
            expected=D("300.00"),
            counted=D("300.00"),
            denominations=(Denomination(value=D("50"), count=6),),
        ),
    ),
    notes="Twelve cents short.",
    audit_head="9f2c41d0aa",
)
FISCAL_DAY = FiscalDayReport(
    seller=SELLER,
    device_id="22862",
    device_serial="RVX-0001",
    fiscal_day=7,
    opened_at=datetime(2026, 9, 11, 7, 50),  # noqa: DTZ001
    closed_at=datetime(2026, 9, 11, 19, 10),  # noqa: DTZ001
    currencies=(
        CurrencyTotals(
            currency="ZWG",
            taxes=(
                TaxTotal(name="Exempt", percent=None, net=D("5"), tax=D("0"), gross=D("5")),
                TaxTotal(name="VAT", percent=D("0"), net=D("10"), tax=D("0"), gross=D("10")),
            ),
            invoices=DocumentTotal(count=2, amount=D("15.00")),
        ),
        CurrencyTotals(
            currency="USD",
            taxes=(
                TaxTotal(
                    name="VAT",
                    percent=D("15.5"),
                    net=D("100.00"),
                    tax=D("15.50"),
                    gross=D("115.50"),
                ),
                TaxTotal(name="VAT", percent=D("0"), net=D("20"), tax=D("0"), gross=D("20")),
            ),
            invoices=DocumentTotal(count=9, amount=D("146.64")),
            credit_notes=DocumentTotal(count=1, amount=D("-11.14")),
        ),
    ),
)
FISCAL_DAY_X = replace(
    FISCAL_DAY,
    opened_at=None,
    closed_at=None,
    currencies=(*reversed(FISCAL_DAY.currencies), CurrencyTotals(currency="ZAR", taxes=())),
    remarks=(
        "Till and shifts part: USD 15.5 % tax: the till says 15.50 and the shifts 15.49.",
        "On the device without a sale of this till: T09-000001",
    ),
)
