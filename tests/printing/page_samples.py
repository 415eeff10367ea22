"""Papers of the back office to print in tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from printing.cash import CashKind, CashMovement
from printing.document import Symbology
from printing.label import LabelPrice, PriceLabel
from printing.receipt import Buyer
from printing.statement import AgeBand, Statement, StatementLine
from printing.stock import CountSheet, StockLine, TransferSheet
from printing.trade import TradeKind, TradeLine, TradePaper
from tests.printing.samples import INVOICE, LINES, SELLER, TAXES

D = Decimal
AT = datetime(2026, 9, 11, 14, 5)  # noqa: DTZ001 - the shop's own local time

PARTNER = Buyer(
    name="Chipo Moyo Catering",
    tin="2000654321",
    vat_number="220054321",
    address=("4 Samora Machel Avenue", "Harare"),
    email="orders@chipo.example",
)
QUOTATION = TradePaper(
    kind=TradeKind.QUOTATION,
    seller=SELLER,
    number="QT-00017",
    made_on=date(2026, 9, 11),
    partner=PARTNER,
    currency="USD",
    lines=(
        TradeLine(
            code="PRD001",
            name="Maize meal roller 10 kg",
            quantity=D("30"),
            price=D("5.00"),
            tax="0%",
            amount=D("150.00"),
        ),
        TradeLine(
            code="PRD117",
            name="Tomatoes loose, field grown, first grade, from the Mutoko valley growers",
            quantity=D("12.5"),
            uom="kg",
            price=D("1.081081"),
            tax="15.5%",
            amount=D("13.51"),
            note="Delivered ripe",
        ),
    ),
    total=D("163.51"),
    taxes=(
        replace(TAXES[1], net=D("150.00"), gross=D("150.00")),
        replace(TAXES[0], net=D("11.70"), vat=D("1.81"), gross=D("13.51")),
    ),
    valid_until=date(2026, 9, 25),
    reference="RFQ 88/2026",
    deliver_to=("Celebration Hall", "Borrowdale Road", "Harare"),
    made_by="Rudo M.",
    terms="Half on order, the rest on delivery.",
    footer=("Prices include VAT.",),
)
ORDER = replace(
    QUOTATION, kind=TradeKind.SALES_ORDER, number="SO-00009", valid_until=None, copy_number=1
)
DELIVERY = replace(
    QUOTATION,
    kind=TradeKind.DELIVERY_NOTE,
    number="DN-00021",
    valid_until=None,
    currency="",
    total=None,
    taxes=(),
    terms="",
    lines=tuple(replace(line, price=None, amount=None, tax="") for line in QUOTATION.lines),
)
STATEMENT = Statement(
    seller=SELLER,
    partner=PARTNER,
    account="C0042",
    currency="USD",
    begins=date(2026, 8, 1),
    ends=date(2026, 8, 31),
    opening=D("120.00"),
    closing=D("145.50"),
    lines=(
        StatementLine(
            on=date(2026, 8, 4),
            document="T01-000011",
            what="Invoice",
            amount=D("75.50"),
            balance=D("195.50"),
            due=date(2026, 9, 3),
        ),
        StatementLine(
            on=date(2026, 8, 20),
            document="P-00042",
            what="Payment by EcoCash, reference MP260820.1405.A77",
            amount=D("-50.00"),
            balance=D("145.50"),
        ),
    ),
    ages=(
        AgeBand(name="Current", amount=D("75.50")),
        AgeBand(name="31-60 days", amount=D("70.00")),
        AgeBand(name="61-90 days", amount=D("0.00")),
        AgeBand(name="Over 90 days", amount=D("0.00")),
    ),
    footer=("Please pay within 30 days.",),
)
TRANSFER = TransferSheet(
    shop="Musasa Grocers",
    number="TR-00031",
    source="Main store",
    target="Avondale shop",
    made_at=AT,
    made_by="Tendai K.",
    lines=(
        StockLine(code="PRD001", name="Maize meal roller 10 kg", quantity=D("40")),
        StockLine(
            code="PRD117",
            name="Tomatoes loose, field grown, first grade, from the Mutoko valley growers",
            quantity=D("25.5"),
            uom="kg",
            batch="Batch TM-0911, best before 30/09/26",
        ),
    ),
    notes="Two crates go back empty.",
)
COUNT = CountSheet(
    shop="Musasa Grocers",
    number="CT-00008",
    warehouse="Main store",
    made_at=AT,
    made_by="Tendai K.",
    lines=TRANSFER.lines,
)
BLIND = replace(COUNT, lines=tuple(replace(line, quantity=None) for line in COUNT.lines))
LABEL = PriceLabel(
    name="Tomatoes loose, first grade",
    prices=(
        LabelPrice(amount=D("1.08"), currency="USD"),
        LabelPrice(amount=D("29.20"), currency="ZIG"),
    ),
    code="PRD117",
    uom="kg",
    barcode="6001234567899",
    symbology=Symbology.EAN13,
)
CASH = CashMovement(
    kind=CashKind.PICKUP,
    shop="Musasa Grocers",
    till="T01",
    shift="T01-S0031",
    cashier="Rudo M.",
    at=AT,
    amount=D("800.00"),
    currency="USD",
    reason="Over the drawer's limit",
    approved_by="Farai N.",
)
DRAWER_OPENED = replace(
    CASH, kind=CashKind.NO_SALE, amount=D(0), currency="", reason="Customer wants small change"
)
CODED = replace(
    INVOICE,
    lines=tuple(replace(line, code=f"PRD{at:03d}") for at, line in enumerate(LINES, 1)),
)
LONG = replace(
    CODED,
    lines=tuple(
        replace(LINES[at % 3], code=f"PRD{at:03d}", name=f"{LINES[at % 3].name} no. {at}")
        for at in range(100)
    ),
)
