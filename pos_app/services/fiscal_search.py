"""Finding receipts on the device that this till does not know of, by asking for numbers.

After a restore the database is behind the device. What was filed since is found under the numbers
the till would give next: it is kept, its numbers are never given again, and nothing is signed for
it (production lesson L16).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from sqlalchemy import RowMapping

from fiscal.messages import Filed, Hello
from pos_app.services import fiscal_record
from pos_app.services.shop import Shop
from pos_app.store import audit, setting
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_device as devices

MISSES_MOST = 20
"""So many numbers in a row that the device does not have end a search."""

LOOKS_MOST = 60
"""So many numbers are asked for in one go; the next one continues behind what was found."""

GAP = 3
"""A number counts as used when one of the next few is: some are never filed."""


class Device(Protocol):
    """What searching needs of `fiscal.driver.Driver`."""

    def look_up(self, number: str) -> Filed | None:
        """The receipt of a number, None when it is proven not to be there."""
        ...


def missing(
    shop: Shop, device: Device, hello: Hello, *, after: int, is_first: bool = False
) -> None:
    """Look for the receipts with a global number behind `after`: first ours that wait, then more.

    On a shared device they will be somebody else's, unless this database was just restored: so it
    is only searched for long when the program has just started.

    Raises:
        Unavailable, OutcomeUnknown: the device could not be asked, or could not say.
    """
    for row in _waiting(shop):
        filed = device.look_up(row["number"])
        if filed is not None:
            fiscal_record.judge(shop, row, filed)
    left = _unknown(shop, hello, after)
    misses, most = 0, MISSES_MOST if is_first or not shop.rules.fiscal.is_shared else GAP
    for number in _following(shop, LOOKS_MOST):
        if left <= 0 or misses >= most:
            return
        filed = device.look_up(receipt_number(shop, number))
        if filed is None or filed.device_id != hello.device_id:
            misses += 1
            continue
        _keep(shop, filed, number=number)
        left, misses = left - 1, 0


def series(shop: Shop, device: Device, hello: Hello) -> None:
    """Move the series behind every number of ours that a device has, when it is met first.

    Raises:
        Unavailable, OutcomeUnknown: the device could not be asked, or could not say.
    """
    if hello.last_receipt_global_no == 0:
        return
    last = _own_number(shop, hello.last_invoice_number)
    if last is None:
        last = _last_used(shop, device, hello)
    with shop.store.write() as connection:
        if last > setting.last_number(connection, _series(shop)):
            setting.go_on_behind(connection, _series(shop), last)
            audit.append(
                connection,
                at=shop.clock.now(),
                actor="till",
                action="fiscal.numbers_taken",
                subject=hello.device_id,
                details={"until": receipt_number(shop, last)},
            )


def receipt_number(shop: Shop, number: int) -> str:
    """The receipt number of this till with a number of its series."""
    return f"{shop.rules.till}-{number:06d}"


def _last_used(shop: Shop, device: Device, hello: Hello) -> int:
    """The last number of our series on the device, by doubling and halving steps."""

    def is_there(number: int) -> bool:
        filed = device.look_up(receipt_number(shop, number))
        return filed is not None and filed.device_id == hello.device_id

    def is_used(number: int) -> bool:
        return any(is_there(each) for each in range(number, number + GAP))

    with shop.store.read() as connection:
        first = setting.last_number(connection, _series(shop))
    low, step = first, 1
    while is_used(low + step):
        low, step = low + step, step * 2
    while step > 1:
        step //= 2
        if is_used(low + step):
            low += step
    if low == first:
        return first
    within = range(low + GAP - 1, low, -1)
    return next((each for each in within if is_there(each)), low)


def _own_number(shop: Shop, number: str) -> int | None:
    """The number in our series of a receipt number; None for somebody else's."""
    prefix = f"{shop.rules.till}-"
    tail = number.removeprefix(prefix)
    return int(tail) if number.startswith(prefix) and tail.isdecimal() else None


def _following(shop: Shop, count: int) -> Iterator[int]:
    """The numbers the series would give next."""
    with shop.store.read() as connection:
        last = setting.last_number(connection, _series(shop))
    yield from range(last + 1, last + 1 + count)


def _waiting(shop: Shop) -> list[RowMapping]:
    with shop.store.read() as connection:
        return journal.all_unsettled(connection, limit=LOOKS_MOST)


def _unknown(shop: Shop, hello: Hello, after: int) -> int:
    """How many receipts the device has behind a number that nothing here accounts for."""
    until = hello.last_receipt_global_no
    with shop.store.read() as connection:
        known = len(journal.filed_between(connection, hello.device_id, after, until))
        known += len(devices.found_between(connection, hello.device_id, after, until))
    return until - after - known


def _keep(shop: Shop, filed: Filed, *, number: int) -> None:
    """Keep what was found, and never give its number again."""
    now = shop.clock.now()
    with shop.store.write() as connection:
        row = fiscal_record.found_row(connection, filed, why="ahead", now=now)
        if not devices.add_found(connection, row):
            return
        setting.go_on_behind(connection, _series(shop), number)
        audit.append(
            connection,
            at=now,
            actor="till",
            action="fiscal.found",
            subject=filed.number,
            details={
                "device": filed.device_id,
                "receipt_global_no": filed.receipt_global_no,
                "total": str(filed.total),
                "currency": filed.currency,
            },
        )


def _series(shop: Shop) -> str:
    return f"receipt:{shop.rules.till}"
