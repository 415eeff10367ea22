"""From our words to the contract's: reports on sales and money."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from pos_app.api.shopinventory.schemas import report as wire
from pos_app.domain.report import Amounts, Days, Yardstick
from pos_app.domain.statement import AGES
from pos_app.services.rate import BASE, QUOTE
from pos_app.services.report import money, sales

AGE_NAMES = ("current", "days31_to60", "days61_to90", "over90_days")


def both(name: str, amounts: Amounts) -> dict[str, Any]:
    """One amount in each of the contract's currencies, under their two names."""
    return {
        f"{name}_usd": amounts.of(BASE).amount,
        f"{name}_zig": amounts.of(QUOTE).amount,
    }


def span(period: Days) -> dict[str, Any]:
    """The days of a report."""
    return {"from_date": period.since, "to_date": period.until}


def sales_summary(told: sales.Summary) -> wire.SalesSummary:
    """Sales of a period."""
    whole = told.whole
    return wire.SalesSummary(
        **span(told.period),
        total_invoices=whole.invoices,
        **both("total_sales", whole.total),
        **both("total_vat", whole.vat),
        average_invoice_value_usd=_average(whole, BASE),
        average_invoice_value_zig=_average(whole, QUOTE),
        unique_customers=told.customers,
        total_credit_notes=whole.notes,
        **both("total_credit_notes", whole.credited),
        daily_sales=[
            wire.DailySales(
                date=day, invoice_count=sold.invoices, **both("total_sales", sold.total)
            )
            for day, sold in told.days
        ],
        sales_by_currency=[
            wire.CurrencySales(
                currency=currency,
                invoice_count=count,
                total_sales=whole.total.of(currency).amount,
                total_vat=whole.vat.of(currency).amount,
            )
            for currency, count in sorted(whole.by_currency.items())
        ],
    )


def _average(sold: sales.Sold, currency: str) -> Decimal:
    return sold.total.average(currency, sold.by_currency.get(currency, 0)).amount


def top_products(told: sales.TopItems) -> wire.TopProducts:
    """What sells most."""
    return wire.TopProducts(
        **span(told.period),
        total_products_sold=told.count,
        exchange_rate=told.measure.rate if told.measure else None,
        top_products=[
            wire.TopProduct(
                rank=row.rank,
                item_code=row.code,
                item_name=row.name,
                total_quantity_sold=row.quantity,
                **both("total_revenue", row.amounts),
                times_ordered=row.invoices,
            )
            for row in told.items
        ],
    )


def slow_products(told: sales.SlowItems) -> wire.SlowProducts:
    """What does not sell."""
    return wire.SlowProducts(
        **span(told.period),
        days_threshold=told.threshold,
        total_products=told.count,
        products=[
            wire.SlowProduct(
                item_code=row.code,
                item_name=row.name,
                current_stock=row.on_hand,
                last_sold_date=row.last,
                days_since_last_sale=row.days,
                stock_value=row.value,
            )
            for row in told.items
        ],
    )


def credit_notes(told: sales.Credited) -> wire.CreditSummary:
    """What was credited."""
    return wire.CreditSummary(
        **span(told.period),
        total_credit_notes=told.notes,
        **both("total_credit_amount", told.total),
        **both("total_vat", told.vat),
        average_credit_note_value_usd=told.average(BASE).amount,
        unique_customers=told.customers,
        credit_to_sales_ratio_percent=told.of_sales,
        exchange_rate=told.measure.rate,
        by_customer=[
            wire.CustomerCredit(
                card_code=row.code,
                card_name=row.name,
                credit_note_count=row.documents,
                **both("total_amount", row.amounts),
            )
            for row in told.by_customer
        ],
        daily_breakdown=[
            wire.DailyCredit(date=day, credit_note_count=count, **both("total_amount", amounts))
            for day, count, amounts in told.days
        ],
        top_products_returned=[
            wire.ProductCredit(
                item_code=row.code,
                item_name=row.name,
                quantity_returned=row.quantity,
                **both("total_amount", row.amounts),
                credit_note_count=row.documents,
            )
            for row in told.items
        ],
    )


def payment_summary(told: money.Payments) -> wire.PaymentSummary:
    """What was paid."""
    return wire.PaymentSummary(
        **span(told.period),
        total_payments=told.payments,
        **both("total_amount", told.total),
        exchange_rate=told.measure.rate,
        payments_by_method=[
            wire.MethodPayments(
                payment_method=row.name,
                payment_count=row.payments,
                **both("total_amount", row.amounts),
                percentage_of_total=told.measure.percent(row.amounts, told.total),
            )
            for row in told.by_means
        ],
        daily_payments=[
            wire.DailyPayments(
                date=row.on, payment_count=row.payments, **both("total_amount", row.amounts)
            )
            for row in told.days
            if row.on is not None
        ],
    )


def top_customers(told: money.Buyers) -> wire.TopCustomers:
    """Who buys most."""
    return wire.TopCustomers(
        **span(told.period),
        total_customers=told.count,
        exchange_rate=told.measure.rate,
        top_customers=[
            wire.TopCustomer(
                rank=row.rank,
                card_code=row.code,
                card_name=row.name,
                invoice_count=row.invoices,
                **both("total_purchases", row.bought),
                **both("total_payments", row.paid),
                **both("outstanding_balance", row.owes),
            )
            for row in told.buyers
        ],
    )


def aging(told: money.Aging, *, at: datetime) -> wire.Aging:
    """What is owed."""
    whole = told.whole
    buckets: dict[str, Any] = {
        name: _bucket(label, age, whole.amounts, told.measure)
        for name, label, age in zip(AGE_NAMES, AGES, told.ages, strict=True)
    }
    return wire.Aging(
        report_date=at,
        total_customers=len(told.debtors),
        **both("total_outstanding", whole.amounts),
        exchange_rate=told.measure.rate,
        **buckets,
        customer_aging=[_debtor(row) for row in told.debtors],
    )


def _bucket(label: str, age: money.Age, whole: Amounts, measure: Yardstick) -> wire.AgeBucket:
    return wire.AgeBucket(
        label=label,
        invoice_count=age.invoices,
        **both("amount", age.amounts),
        percent_of_total=measure.percent(age.amounts, whole),
    )


def _debtor(row: money.Debtor) -> wire.CustomerAging:
    ages: dict[str, Any] = {}
    for name, age in zip(AGE_NAMES, row.ages, strict=True):
        ages |= both(name, age.amounts)
    return wire.CustomerAging(
        card_code=row.code,
        card_name=row.name,
        **ages,
        **both("total_outstanding", row.whole.amounts),
        total_invoices=row.whole.invoices,
    )


def profit(told: money.Profit) -> wire.ProfitOverview:
    """What a period brought in and cost."""
    whole = told.whole
    sold = whole.net - whole.vat
    return wire.ProfitOverview(
        **span(told.period),
        **both("total_revenue", whole.revenue),
        **both("total_credit_notes", whole.credited),
        **both("net_revenue", whole.net),
        **both("total_collected", whole.collected),
        collection_rate_percent=told.measure.percent(whole.collected, whole.net),
        **both("outstanding_receivables", told.owed),
        **both("total_vat", whole.vat),
        **both("total_purchase_cost", whole.purchases),
        **both("gross_profit", whole.gross_profit),
        gross_margin_percent=told.measure.percent(whole.gross_profit, sold),
        cost_of_sales_usd=whole.cost,
        trading_profit_usd=told.earned,
        items_without_cost=told.without_cost,
        exchange_rate=told.measure.rate,
        total_invoices=whole.invoices,
        total_credit_note_count=whole.notes,
        total_payments=whole.payments,
        unique_customers=told.customers,
        monthly_breakdown=[_month(row) for row in told.months],
    )


def _month(row: money.Earned) -> wire.MonthlyProfit:
    return wire.MonthlyProfit(
        month=row.month,
        **both("revenue", row.revenue),
        **both("credit_notes", row.credited),
        **both("collected", row.collected),
        **both("purchase_cost", row.purchases),
        **both("gross_profit", row.gross_profit),
        cost_of_sales_usd=row.cost,
        invoice_count=row.invoices,
        payment_count=row.payments,
    )
