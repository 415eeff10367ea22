"""A day's fiscal receipts: what the device filed of each, or how it stands on its way there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from sqlalchemy import RowMapping

from fiscal.envelope import lowered
from fiscal.messages import ReceiptRequest
from pos_app.clock import business_date
from pos_app.domain.currency import normalise
from pos_app.domain.fiscal import FiscalState
from pos_app.domain.money import Money
from pos_app.domain.proof import Entry, Read, Side, Wait
from pos_app.services import fiscal_figure
from pos_app.services.proof.receipt import Day
from pos_app.services.shop import Rules, Shop
from pos_app.store import fiscal_device as devices

WORD = "the fiscal device"


def read(shop: Shop, day: Day) -> Read:
    """The journal of the day's documents, and what the device holds that nobody here asked for."""
    known = {entry.key: entry for entry in day.documents}
    expects = partial(_expects, day)
    filed = [
        _filed(known[key], row, shop.rules)
        for key, row in day.journal.items()
        if row["state"] == FiscalState.FISCALISED and key in known
    ]
    return Read(
        side=Side.FISCAL,
        word=WORD,
        entries=(*filed, *_found(shop, day.day)),
        waits=_untold(shop.rules, day)
        | {key: _wait(row) for key, row in day.journal.items() if _waits(row)},
        expects=expects,
        tills=frozenset(entry.till for entry in day.documents if expects(entry)),
        tax_folds=_folds(shop.rules),
    )


def _expects(day: Day, entry: Entry) -> bool:
    """What was to be filed when it was made and no person has corrected since."""
    if entry.total == 0 or entry.key not in day.fiscal:
        return False
    row = day.journal.get(entry.key)
    return row is None or row["corrected_at"] is None


def _untold(rules: Rules, day: Day) -> dict[str, Wait]:
    """On a server: receipts of which their tills have not told yet how they were filed."""
    words = "its till has not told yet"
    return {
        entry.key: Wait(state="untold", reason=words, since=day.made[entry.key])
        for entry in day.receipts
        if rules.role != "till" and entry.key in day.fiscal and entry.key not in day.journal
    }


def _waits(row: RowMapping) -> bool:
    return row["state"] != FiscalState.FISCALISED and row["corrected_at"] is None


def _wait(row: RowMapping) -> Wait:
    return Wait(state=row["state"], reason=row["reason"], since=row["intended_at"])


def _folds(rules: Rules) -> dict[str, str]:
    """Tax groups by the first group of the same rate: a device files rates, by ids of its own."""
    names = _names(rules)
    return {group: names[_rate(tax.percent)] for group, tax in rules.taxes.items()}


def _names(rules: Rules) -> dict[str, str]:
    first: dict[str, str] = {}
    for group, tax in rules.taxes.items():
        first.setdefault(_rate(tax.percent), group)
    return first


def _rate(percent: Decimal | None) -> str:
    return "exempt" if percent is None else f"{percent.normalize():f} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """Figures of one fiscal receipt, without a sign.

    Attributes:
        taxes: gross amount by rate; None where they were not told.
    """

    currency: str
    total: Decimal
    vat: Decimal | None
    taxes: Mapping[str, Decimal] | None


def _filed(entry: Entry, row: RowMapping, rules: Rules) -> Entry:
    """What the device answered; where it told no figures, what it was asked to file."""
    told, sign = _answered(row) or _asked(row), -1 if entry.kind == "credit_note" else 1
    filed = replace(
        entry,
        name=f"fiscal receipt {row['receipt_global_no']}",
        total=None,
        vat=None,
        taxes=None,
        tenders=None,
        facts={} if entry.is_own else {"number": row["number"]},
    )
    if told is None:
        return filed
    return replace(
        filed,
        currency=told.currency,
        total=_minor(told.total, sign),
        vat=None if told.vat is None else _minor(told.vat, sign),
        taxes=None if told.taxes is None else _by_group(told.taxes, rules, sign),
    )


def _by_group(taxes: Mapping[str, Decimal], rules: Rules, sign: int) -> dict[str, int]:
    names = _names(rules)
    return {names.get(rate, rate): _minor(amount, sign) for rate, amount in taxes.items()}


def _answered(row: RowMapping) -> _Told | None:
    """Figures in the device's own answer; None when it did not tell them."""
    record = fiscal_figure.receipt_in(row["reply"]) if row["reply"] else {}
    try:
        rows = record.get("receipttaxes")
        taxes = None if rows is None else [lowered(tax) for tax in rows]
        return _Told(
            currency=normalise(str(record["receiptcurrency"])),
            total=_amount(record["receipttotal"]),
            vat=None if taxes is None else _sum(_amount(tax["taxamount"]) for tax in taxes),
            taxes=None
            if taxes is None
            else _summed((_told_rate(tax), _amount(tax["salesamountwithtax"])) for tax in taxes),
        )
    except (KeyError, TypeError, InvalidOperation):
        return None


def _asked(row: RowMapping) -> _Told | None:
    """What a till asked its device to file; a server does not know it."""
    if not isinstance(row["request"], str):
        return None
    request = ReceiptRequest.from_json(row["request"])
    return _Told(
        currency=normalise(request.currency),
        total=request.total,
        vat=request.tax,
        taxes=_summed((_rate(line.tax_percent), line.amount) for line in request.lines),
    )


def _told_rate(tax: Mapping[str, Any]) -> str:
    told = tax.get("taxpercent")
    return _rate(None if told is None else Decimal(str(told)))


def _amount(value: Any) -> Decimal:
    return abs(Decimal(str(value)))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _summed(pairs: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    made: dict[str, Decimal] = {}
    for name, amount in pairs:
        made[name] = made.get(name, Decimal(0)) + amount
    return made


def _minor(amount: Decimal, sign: int) -> int:
    return Money.rounded(amount, "").minor * sign


def _found(shop: Shop, day: date) -> Iterator[Entry]:
    """Receipts on the device that no sale of ours stands behind and nobody has looked at."""
    if shop.rules.fiscal.is_shared:
        return
    with shop.store.read() as connection:
        rows = devices.unsettled_found(connection)
    for row in rows:
        if business_date(row["found_at"], shop.rules.zone) != day:
            continue
        yield Entry(
            key="",
            reference=row["number"],
            name=f"fiscal receipt {row['receipt_global_no']} ({row['number']})",
            kind="invoice",
            till=shop.rules.till,
            currency=normalise(row["currency"]),
            total=_minor(_amount(row["total"]), 1),
        )
