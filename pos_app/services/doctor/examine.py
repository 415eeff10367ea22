"""Look at everything in turn; what cannot be looked at is unknown, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from pos_app.errors import DatabaseDamaged, PosError
from pos_app.services.doctor import books, machine, neighbour
from pos_app.services.doctor.finding import Check, Finding, State
from pos_app.services.doctor.neighbour import Instruments
from pos_app.services.shop import Shop

GRAVEST = (State.FAIL, State.UNKNOWN, State.WARN, State.OK)


def examine(
    shop: Shop, instruments: Instruments, folder: Path, *, has_server: bool
) -> Iterator[Finding]:
    """Yield each finding as soon as it is there; the clock comes last, since the others tell time.

    Args:
        shop: the till or server.
        instruments: how its neighbours are asked.
        folder: where its files are.
        has_server: whether the settings name a server for it.
    """
    clocks: dict[str, datetime] = {}
    looks: dict[Check, Callable[[], Finding]] = {
        Check.DISK: partial(machine.disk, folder),
        Check.DATABASE: partial(books.database, shop),
        Check.BACKUP: partial(books.backup, shop),
    }
    if shop.rules.role == "till":
        looks[Check.PRINTER] = partial(neighbour.printer, shop, instruments)
    if shop.rules.display is not None:
        looks[Check.DISPLAY] = partial(neighbour.display, shop)
    if shop.rules.role == "till" or shop.rules.fiscal.device:
        looks[Check.FISCAL] = partial(neighbour.fiscal, shop, instruments, clocks)
    looks |= {
        Check.SERVER: partial(neighbour.server, shop, instruments, clocks, has_server=has_server),
        Check.PRICES: partial(books.prices, shop, has_server=has_server),
        Check.PREFLIGHT: partial(books.preflight, shop),
        Check.CLOCK: partial(machine.clock, shop, clocks, has_server=has_server),
    }
    for check, look in looks.items():
        yield _guarded(check, look)


def without_books(folder: Path, error: PosError) -> list[Finding]:
    """What can be said of a machine whose database cannot even be opened."""
    broken = Finding(check=Check.DATABASE, state=State.FAIL, sentence=error.sentence)
    others = [
        Finding(
            check=check,
            state=State.UNKNOWN,
            sentence="This cannot be looked at before the database can be opened.",
        )
        for check in Check
        if check not in {Check.DISK, Check.DATABASE}
    ]
    return [_guarded(Check.DISK, partial(machine.disk, folder)), broken, *others]


def worst(findings: Iterable[Finding]) -> State:
    """The gravest state among them."""
    states = {finding.state for finding in findings}
    return next((state for state in GRAVEST if state in states), State.OK)


def _guarded(check: Check, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except DatabaseDamaged as error:
        return Finding(check=check, state=State.FAIL, sentence=error.sentence)
    except PosError as error:
        return Finding(check=check, state=State.UNKNOWN, sentence=error.sentence)
    except Exception as error:  # noqa: BLE001 - a look that fails is a finding, not the end
        reason = f"{type(error).__name__}: {error}".rstrip(".: ")
        sentence = f"This could not be looked at ({reason}): look at it yourself."
        return Finding(check=check, state=State.UNKNOWN, sentence=sentence)
