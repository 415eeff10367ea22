"""What a credit or debit note owes the receipt it changes (ZIMRA FDMS 7.2, validation errors)."""

from __future__ import annotations

from datetime import datetime

from fiscal.simulator.authority.case import Case, Colour, Rule


def _lacks_reference(case: Case) -> bool:
    return case.is_note and case.receipt.original is None


def _has_reference(case: Case) -> bool:
    return not case.is_note and case.receipt.original is not None


def _is_original_unknown(case: Case) -> bool:
    return case.is_note and case.receipt.original is not None and case.original is None


def _is_original_old(case: Case) -> bool:
    if not case.is_note or case.original is None:
        return False
    first = datetime.fromisoformat(case.original.date)
    months = (case.dated_at.year - first.year) * 12 + case.dated_at.month - first.month
    limit = case.settings.note_months_max
    return months > limit or (
        months == limit and _within_month(case.dated_at) > _within_month(first)
    )


def _lacks_text(case: Case) -> bool:
    return case.is_note and not case.receipt.comment.strip()


def _is_over_balance(case: Case) -> bool:
    return case.is_note and case.original is not None and case.balance < 0


def _has_new_tax(case: Case) -> bool:
    if not case.is_note or case.original is None:
        return False
    known = {(row.tax_id, row.percent) for row in case.original.taxes}
    return any((row.tax_id, row.percent) not in known for row in case.receipt.taxes)


def _is_currency_another(case: Case) -> bool:
    return (
        case.is_note
        and case.original is not None
        and case.original.currency != case.receipt.currency
    )


def _within_month(instant: datetime) -> tuple[int, int, int, int]:
    return (instant.day, instant.hour, instant.minute, instant.second)


RULES = (
    Rule("RCPT015", Colour.RED, _lacks_reference),
    Rule("RCPT029", Colour.RED, _has_reference),
    Rule("RCPT032", Colour.RED, _is_original_unknown),
    Rule("RCPT033", Colour.RED, _is_original_old),
    Rule("RCPT034", Colour.RED, _lacks_text),
    Rule("RCPT035", Colour.RED, _is_over_balance),
    Rule("RCPT036", Colour.RED, _has_new_tax),
    Rule("RCPT042", Colour.RED, _is_currency_another),
)
