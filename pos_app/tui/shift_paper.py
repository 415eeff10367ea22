"""A shift's figures as text: X while it is open, the settlement once it is closed."""

from __future__ import annotations

from collections.abc import Mapping

from pos_app.domain.money import Money
from pos_app.services.shift import Balance, Shift, ShiftReport
from pos_app.tui.plain import amount, count_of, day_and_time, fit
from pos_app.tui.widgets.text import Part


def heading(shift: Shift, zone: str) -> list[Part]:
    """Say which shift it is."""
    ended = f" to {day_and_time(shift.closed_at, zone)}" if shift.closed_at else ""
    return [
        (f"Shift {shift.number}", "bold $primary"),
        f"  {shift.username} on {shift.till} · {day_and_time(shift.opened_at, zone)}{ended}\n",
    ]


def reading(report: ShiftReport, tenders: Mapping[str, str], *, shows_cash: bool) -> list[Part]:
    """Return the figures.

    Args:
        report: what the shift came to.
        tenders: code of a tender to its name.
        shows_cash: whether what should be in the drawer may be seen; a blind count stays blind.
    """
    totals = " · ".join(f"{amount(money)} {money.currency}" for money in report.totals) or "0.00"
    parts: list[Part] = [
        (count_of(report.sale_count, "receipt"), "bold"), f"   {totals}\n", _openings(report), "\n",
    ]  # fmt: skip
    if report.taxes:
        parts.append((f"{'VAT group':<18}{'Net':>14}{'VAT':>12}{'Gross':>14}\n", "$text-muted"))
    for row in report.taxes:
        name = fit(f"{row.group} {row.currency}", 18)
        figures = f"{amount(row.net):>14}{amount(row.vat):>12}{amount(row.gross):>14}"
        parts.append(f"{name}{figures}\n")
    return [*parts, "\n", *_balances(report.balances, tenders, shows_cash=shows_cash)]


def _openings(report: ShiftReport) -> Part:
    opened = report.openings
    if not opened.total:
        return ""
    without = opened.no_sale + opened.unasked
    told = f"Drawer opened {count_of(opened.total, 'time')}, {without} without a sale"
    if opened.unasked:
        return (f"{told}, {opened.unasked} by nobody's wish\n", "$text-warning")
    return f"{told}\n"


def _balances(
    balances: tuple[Balance, ...], tenders: Mapping[str, str], *, shows_cash: bool
) -> list[Part]:
    if not shows_cash:
        return [("What should be in the drawer is shown after the count.", "$text-muted")]
    head = f"{'Tender':<18}{'Expected':>14}{'Counted':>14}{'Over/short':>14}\n"
    parts: list[Part] = [(head, "$text-muted")]
    for row in balances:
        name = fit(f"{tenders.get(row.tender_type, row.tender_type)} {row.currency}", 18)
        parts.append(f"{name}{amount(row.expected):>14}{_money(row.counted):>14}")
        parts.append(_difference(row.over_short))
    return parts


def _money(money: Money | None) -> str:
    return "-" if money is None else amount(money)


def _difference(money: Money | None) -> Part:
    if money is None:
        return f"{'-':>14}\n"
    if money.is_zero:
        return (f"{'exact':>14}\n", "$text-success")
    word = "short" if money.is_negative else "over"
    style = "bold $text-error" if money.is_negative else "bold $text-warning"
    return (f"{amount(abs(money)):>14} {word}\n", style)
