"""The fiscal device, its day and its receipts in doubt as text for the screens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from pos_app.domain.fiscal import Readiness
from pos_app.domain.fiscal_day import DayFigures, DayState, StepState, rate_name
from pos_app.services import fiscal_paper
from pos_app.services.fiscal_account import FiscalDay
from pos_app.services.fiscal_day import DayStanding
from pos_app.services.fiscal_panel import Asked, Known, Panel
from pos_app.services.fiscal_settle import Side
from pos_app.tui.plain import age, amount, clock_time, count_of, day_and_time, fit, since
from pos_app.tui.widgets.text import Part

LABEL = 18
MUTED, BAD, WARNING, GOOD = "$text-muted", "bold $text-error", "bold $text-warning", "$text-success"

READINESS: Mapping[Readiness, tuple[str, str]] = {
    Readiness.READY: ("● READY", GOOD),
    Readiness.DEGRADED: ("! DEGRADED", WARNING),
    Readiness.BLOCKED: ("! BLOCKED", BAD),
}
STATES: Mapping[DayState, tuple[str, str]] = {
    DayState.UNKNOWN: ("not known: the device was never greeted", MUTED),
    DayState.CLOSED: ("closed", MUTED),
    DayState.OPEN: ("open", GOOD),
    DayState.WARNED: ("open, near its legal end", WARNING),
    DayState.OVER: ("over: it takes no more receipts", BAD),
}


def rows(pairs: Iterable[Sequence[str]]) -> list[Part]:
    """Label and value, one line each; a third text is the value's style."""
    parts: list[Part] = []
    for label, value, *style in pairs:
        text = f"{value or '-'}\n"
        parts += [(fit(label, LABEL), MUTED), (text, style[0]) if any(style) else text]
    return parts


def heading(panel: Panel) -> list[Part]:
    """How the till stands, and what to do."""
    word, style = READINESS[panel.standing.readiness]
    away = panel.standing.away_since
    link = "no device" if not panel.address else "away" if away else "connected"
    return [
        (f"{word}", style), f"   {panel.address or 'no device in the settings'} · {link}\n",
        (f"{panel.what_to_do}\n" if panel.what_to_do else "Nothing to do.\n", "bold"),
    ]  # fmt: skip


def device(panel: Panel, *, zone: str, now: datetime) -> list[Part]:
    """What is known of the device and of what waits for it."""
    known, standing = panel.device, panel.standing
    parts: list[Part] = [("Device\n", "bold $primary")]
    if known is None:
        parts.append((f"{fit('Device ID', LABEL)}never met\n", MUTED))
    else:
        parts += rows(_facts(known, zone=zone, now=now))
    waits = count_of(standing.waiting, "receipt")
    oldest = f", oldest {age(standing.oldest_seconds)}" if standing.oldest_seconds else ""
    away = since(standing.away_since, now) if standing.away_since else ""
    return [
        *parts,
        *rows(
            (
                ("Away for", away, BAD if away else MUTED),
                ("Waiting", f"{waits}{oldest} (at most {standing.most}, {standing.hours} h)"),
                ("In doubt", str(panel.doubts), BAD if panel.doubts else MUTED),
                ("Of nobody here", str(standing.found), BAD if standing.found else MUTED),
            )
        ),
    ]


def _facts(known: Known, *, zone: str, now: datetime) -> tuple[tuple[str, ...], ...]:
    number = str(known.last_global_no)
    if known.said_global_no != known.last_global_no:
        number += f" accounted for, the device says {known.said_global_no}"
    return (
        ("Device ID", known.device_id),
        ("Serial", known.serial),
        ("Last receipt", number),
        ("Clock", _clock(known.clock_seconds), WARNING if _is_off(known.clock_seconds) else ""),
        ("Boot", known.boot_id or "not told"),
        ("Last greeted", f"{day_and_time(known.seen_at, zone)}, {since(known.seen_at, now)} ago"),
    )


def _is_off(seconds: int | None) -> bool:
    return seconds is not None and abs(seconds) > 60


def _clock(seconds: int | None) -> str:
    if seconds is None:
        return "not told"
    if not seconds:
        return "agrees"
    return f"{age(abs(seconds))} {'ahead of' if seconds > 0 else 'behind'} the till's"


def day_standing(standing: DayStanding, *, zone: str) -> list[Part]:
    """How the fiscal day stands, and what is being done to it."""
    word, style = STATES[standing.state]
    number = f"{standing.fiscal_day} " if standing.fiscal_day else ""
    blocking = ", ".join(standing.blocking[:3])
    if len(standing.blocking) > 3:
        blocking += f" and {len(standing.blocking) - 3} more"
    opened = day_and_time(standing.opened_at, zone) if standing.opened_at else ""
    closes = clock_time(standing.closes_at, zone) if standing.closes_at else ""
    parts: list[Part] = [
        ("Fiscal day\n", "bold $primary"),
        *rows(
            (
                ("Day", f"{number}{word}", style),
                ("Opened", opened),
                ("Time left", _left(standing.time_left)),
                ("Closes itself", closes),
                ("Keeps it open", blocking, WARNING if blocking else MUTED),
            )
        ),
    ]
    return [*parts, *_step(standing)]


def _left(left: timedelta | None) -> str:
    if left is None:
        return ""
    minutes = max(int(left.total_seconds()) // 60, 0)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _step(standing: DayStanding) -> list[Part]:
    step = standing.step
    if step is None or step.state is StepState.DONE:
        return []
    words = {
        StepState.ASKED: f"{step.asked_by} asked to {step.kind} it; the device will be told",
        StepState.SENT: f"told to {step.kind}; the device is read until it is clear",
        StepState.REFUSED: f"not done: {step.kind} was given up",
    }
    why = f". {step.problem}" if step.problem else ""
    return [(f"! {words[step.state]}{why}\n", WARNING)]


def answers(asked: Asked | None, *, zone: str) -> list[Part]:
    """Card, licence and backlog, if the device was asked."""
    if asked is None:
        return [("Card and licence\n", "bold $primary"), ("Not read yet.\n", MUTED)]
    card, licence = asked.card, asked.license
    span = " to ".join(part for part in (licence.start, licence.end) if part)
    is_good = licence.status.casefold() in {"", "active", "valid"}
    parts = [
        ("Card\n", "bold $primary"),
        *rows(
            (
                ("Company", card.company_name),
                ("TIN", card.tin),
                ("VAT No", card.vat_number),
                ("BPN", card.bpn),
                ("Address", card.address),
                ("Registration", card.registration_number),
            )
        ),
        ("Licence\n", "bold $primary"),
        *rows((("Status", licence.status, GOOD if is_good else BAD), ("Valid", span))),
        ("Not with the authority yet\n", "bold $primary"),
    ]
    waiting = asked.backlog
    told = "nothing" if not waiting else count_of(len(waiting), "receipt")
    parts += rows((("Backlog", told, WARNING if waiting else GOOD),))
    for row in waiting[:5]:
        parts.append(f"  {fit(row.number, 22)} {row.currency} {row.amount}  {row.status}\n")
    return [*parts, (f"\nread at {day_and_time(asked.at, zone)}\n", MUTED)]


def account(day: FiscalDay, *, zone: str) -> list[Part]:
    """A day's figures and where its accounts part."""
    is_z = day.closed_at is not None
    span = " to ".join(
        day_and_time(moment, zone) if moment else "opening not seen"
        for moment in ((day.opened_at, day.closed_at) if is_z else (day.opened_at,))
    )
    parts: list[Part] = [
        (f"{'Z' if is_z else 'X'}  fiscal day {day.fiscal_day}", "bold $primary"),
        f"  device {day.device_id}\n", (f"{span}\n\n", MUTED),
        *_figures(day.device or day.till, day.till),
        ("\nReconciliation\n", "bold $primary"),
    ]  # fmt: skip
    style = GOOD if day.is_clean else BAD
    parts += [(f"{remark}\n", style) for remark in fiscal_paper.remarks(day)]
    for shift in day.shifts:
        totals = ", ".join(money.label for money in shift.totals)
        elsewhere = f"; elsewhere: {', '.join(shift.elsewhere)}" if shift.elsewhere else ""
        sold = count_of(shift.receipts, "receipt")
        parts.append(
            (f"Shift {shift.number} {shift.username}: {sold} {totals}{elsewhere}\n", MUTED)
        )
    return parts


def _figures(taxes: DayFigures, documents: DayFigures) -> list[Part]:
    parts: list[Part] = []
    if taxes.taxes:
        parts.append((f"{'Tax':<13}{'Net':>12}{'Tax':>11}{'Gross':>12}\n", MUTED))
    for row in taxes.taxes:
        name = fit(f"{row.currency} {rate_name(row.percent)}", 13)
        parts.append(f"{name}{amount(row.net):>12}{amount(row.tax):>11}{amount(row.gross):>12}\n")
    for document in documents.documents:
        kind = {"invoice": "invoices", "credit": "credit notes", "debit": "debit notes"}
        name = fit(f"{document.currency} {kind[document.kind]}", 25)
        parts.append(f"{name}{document.count:>11}{amount(document.total):>12}\n")
    if not parts:
        parts.append(("No receipt was filed.\n", MUTED))
    return parts


def sides(asked: Side, found: Side | None) -> list[Part]:
    """What the till asked for and what the device has, line by line."""
    head = f"{'':<12}{fit('Till', 22)}{'Device'}\n"
    pairs = (
        ("Number", asked.number, found.number if found else ""),
        ("Kind", asked.kind, found.kind if found else ""),
        ("Total", total(asked), total(found) if found else ""),
        ("Device ID", asked.device_id, found.device_id if found else ""),
        ("Global no", "", str(found.receipt_global_no or "") if found else ""),
        ("Filed at", "", found.filed_at if found else ""),
    )
    parts: list[Part] = [(head, MUTED)]
    for name, one, other in pairs:
        parts += [(fit(name, 12), MUTED), fit(one or "-", 22)]
        is_other = bool(found and one and other and one != other)
        parts.append((f"{other or '-'}\n", BAD) if is_other else f"{other or '-'}\n")
    if found is None:
        parts.append(("Nothing is known of it on the device.\n", MUTED))
    elif found.is_same_sale is not None:
        same = found.is_same_sale
        words = "It carries the mark of this very sale." if same else "It is another sale's."
        parts.append((f"{words}\n", GOOD if same else BAD))
    return parts


def total(side: Side) -> str:
    """An amount with the device's currency code."""
    return f"{side.currency} {side.total:,.2f}" if side.total is not None else ""
