"""Bodies of the reports below ``/api/Report`` on sales and money."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from pos_app.api.wire import Answer


def _with_currency(name: str) -> str:
    """``total_usd`` as the contract writes it: ``totalUSD``."""
    camel = to_camel(name)
    for told, code in (("Usd", "USD"), ("Zig", "ZIG")):
        camel = camel.removesuffix(told) + code if camel.endswith(told) else camel
    return camel


class Part(Answer):
    """A row of a report."""

    model_config = ConfigDict(alias_generator=_with_currency, populate_by_name=True)


class Report(Part):
    """A report over days, both included."""

    from_date: date
    to_date: date


class DailySales(Part):
    """Sales of one day, credit notes taken off."""

    date: date
    invoice_count: int
    total_sales_usd: Decimal
    total_sales_zig: Decimal


class CurrencySales(Part):
    """Sales in one currency, credit notes taken off."""

    currency: str
    invoice_count: int
    total_sales: Decimal
    total_vat: Decimal


class SalesSummary(Report):
    """Sales with VAT, credit notes taken off; an average is one of that currency's invoices."""

    total_invoices: int
    total_sales_usd: Decimal
    total_sales_zig: Decimal
    total_vat_usd: Decimal
    total_vat_zig: Decimal
    average_invoice_value_usd: Decimal
    average_invoice_value_zig: Decimal
    unique_customers: int
    total_credit_notes: int
    total_credit_notes_usd: Decimal
    total_credit_notes_zig: Decimal
    daily_sales: list[DailySales]
    sales_by_currency: list[CurrencySales]


class TopProduct(Part):
    """An item that sells."""

    rank: int
    item_code: str
    item_name: str
    total_quantity_sold: Decimal
    total_revenue_usd: Decimal
    total_revenue_zig: Decimal
    times_ordered: int


class TopProducts(Report):
    """What sells most; ``totalProductsSold`` counts the different items that were sold."""

    total_products_sold: int
    exchange_rate: Decimal | None
    top_products: list[TopProduct]


class SlowProduct(Part):
    """An item in stock that does not sell."""

    item_code: str
    item_name: str
    current_stock: Decimal
    last_sold_date: date | None
    days_since_last_sale: int
    stock_value: Decimal


class SlowProducts(Report):
    """What lies in stock, the longest first; ``totalProducts`` counts all of it."""

    days_threshold: int
    total_products: int
    products: list[SlowProduct]


class MethodPayments(Part):
    """Payments by one means."""

    payment_method: str
    payment_count: int
    total_amount_usd: Decimal
    total_amount_zig: Decimal
    percentage_of_total: Decimal | None


class DailyPayments(Part):
    """Payments of one day."""

    date: date
    payment_count: int
    total_amount_usd: Decimal
    total_amount_zig: Decimal


class PaymentSummary(Report):
    """What was paid; a payment by two means counts for each, money paid back is taken off."""

    total_payments: int
    total_amount_usd: Decimal
    total_amount_zig: Decimal
    exchange_rate: Decimal | None
    payments_by_method: list[MethodPayments]
    daily_payments: list[DailyPayments]


class TopCustomer(Part):
    """A customer who buys; the balance is what is open of their invoices now."""

    rank: int
    card_code: str
    card_name: str
    invoice_count: int
    total_purchases_usd: Decimal
    total_purchases_zig: Decimal
    total_payments_usd: Decimal
    total_payments_zig: Decimal
    outstanding_balance_usd: Decimal
    outstanding_balance_zig: Decimal


class TopCustomers(Report):
    """Who buys most, compared at the rate named."""

    total_customers: int
    exchange_rate: Decimal | None
    top_customers: list[TopCustomer]


class CustomerCredit(Part):
    """What one customer was credited."""

    card_code: str
    card_name: str
    credit_note_count: int
    total_amount_usd: Decimal
    total_amount_zig: Decimal


class DailyCredit(Part):
    """What was credited on one day."""

    date: date
    credit_note_count: int
    total_amount_usd: Decimal
    total_amount_zig: Decimal


class ProductCredit(Part):
    """What was credited of one item; a corrected price brings no quantity back."""

    item_code: str
    item_name: str
    quantity_returned: Decimal
    total_amount_usd: Decimal
    total_amount_zig: Decimal
    credit_note_count: int


class CreditSummary(Report):
    """Credit notes, as amounts above zero; the ratio is to what was invoiced in the period."""

    total_credit_notes: int
    total_credit_amount_usd: Decimal
    total_credit_amount_zig: Decimal
    total_vat_usd: Decimal
    total_vat_zig: Decimal
    average_credit_note_value_usd: Decimal
    unique_customers: int
    credit_to_sales_ratio_percent: Decimal | None
    exchange_rate: Decimal | None
    by_customer: list[CustomerCredit]
    daily_breakdown: list[DailyCredit]
    top_products_returned: list[ProductCredit]


class AgeBucket(Part):
    """What is owed at one age."""

    label: str
    invoice_count: int
    amount_usd: Decimal
    amount_zig: Decimal
    percent_of_total: Decimal | None


class CustomerAging(Part):
    """What one customer owes, by age."""

    card_code: str
    card_name: str
    current_usd: Decimal
    days31_to60_usd: Decimal
    days61_to90_usd: Decimal
    over90_days_usd: Decimal
    total_outstanding_usd: Decimal
    current_zig: Decimal
    days31_to60_zig: Decimal
    days61_to90_zig: Decimal
    over90_days_zig: Decimal
    total_outstanding_zig: Decimal
    total_invoices: int


class Aging(Part):
    """What is open of invoices now, by the age of the document."""

    report_date: datetime
    total_customers: int
    total_outstanding_usd: Decimal
    total_outstanding_zig: Decimal
    exchange_rate: Decimal | None
    current: AgeBucket
    days31_to60: AgeBucket
    days61_to90: AgeBucket
    over90_days: AgeBucket
    customer_aging: list[CustomerAging]


class MonthlyProfit(Part):
    """What one month brought in and cost."""

    month: str
    revenue_usd: Decimal
    revenue_zig: Decimal
    credit_notes_usd: Decimal
    credit_notes_zig: Decimal
    collected_usd: Decimal
    collected_zig: Decimal
    purchase_cost_usd: Decimal
    purchase_cost_zig: Decimal
    gross_profit_usd: Decimal
    gross_profit_zig: Decimal
    cost_of_sales_usd: Decimal
    invoice_count: int
    payment_count: int


class ProfitOverview(Report):
    """Revenue less credit notes, VAT and purchases; beside it what the goods sold have cost."""

    total_revenue_usd: Decimal
    total_revenue_zig: Decimal
    total_credit_notes_usd: Decimal
    total_credit_notes_zig: Decimal
    net_revenue_usd: Decimal
    net_revenue_zig: Decimal
    total_collected_usd: Decimal
    total_collected_zig: Decimal
    collection_rate_percent: Decimal | None
    outstanding_receivables_usd: Decimal
    outstanding_receivables_zig: Decimal
    total_vat_usd: Decimal
    total_vat_zig: Decimal
    total_purchase_cost_usd: Decimal
    total_purchase_cost_zig: Decimal
    gross_profit_usd: Decimal
    gross_profit_zig: Decimal
    gross_margin_percent: Decimal | None
    cost_of_sales_usd: Decimal
    trading_profit_usd: Decimal | None
    items_without_cost: int
    exchange_rate: Decimal | None
    total_invoices: int
    total_credit_note_count: int
    total_payments: int
    unique_customers: int
    monthly_breakdown: list[MonthlyProfit]
