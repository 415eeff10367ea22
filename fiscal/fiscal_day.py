"""Which fiscal day a receipt belongs to, when only a look-up told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fiscal.messages import Filed


def settle_day(
    record: Filed, *, baseline_day: int | None, known: Mapping[int, int] | None = None
) -> Filed:
    """Fill in the fiscal day of a looked-up receipt when it can be proven.

    Two receipts are of one day if and only if global number minus counter is equal (`day_base`).
    Failing that, a receipt filed after the baseline, while the device is still on the baseline's
    day, is of that day.

    Args:
        record: as the look-up returned it.
        baseline_day: the open day when the request was first sent.
        known: fiscal day by `day_base`, from receipts filed before.
    """
    if record.fiscal_day is not None:
        return record
    base = record.day_base
    if base is not None and known and base in known:
        return replace(record, fiscal_day=known[base])
    if baseline_day is not None and record.device_day == baseline_day:
        return replace(record, fiscal_day=baseline_day)
    return record
