"""Reports of one day and of a month: as dear with years of sales behind them as with days.

A day has as many sales in the short history as in the long one, so a report of it is as much work;
what grows with the history shows. A statement has the database add up what was bought before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks import history
from benchmarks import shop as shops
from benchmarks.history import A_DAY, CUSTOMERS, LAST
from benchmarks.measure import Stopwatch
from benchmarks.result import MS, Check, Result, ratio
from benchmarks.run import SMALL, Run
from pos_app.services import statement
from pos_app.services.proof import receipt
from pos_app.services.report import form, sales
from pos_app.services.report.scope import Asked
from pos_app.services.shop import Shop
from pos_app.store.engine import open_store

Report = Callable[[Shop, Asked, int], object]

NAME = "report"
FEW, MANY, FEWER = 31, 1_000, 120
"""Days of the histories; the shortest has a whole month."""
ROUNDS = 15
MOST, MOST_STATEMENT_MS = 2.0, 1_000.0
STATEMENT = "statement of a month"
NOT_BY_DAYS = ("trial-balance", "owed")
"""Reports that name no days; what is owed has its own."""


def run(bench: Run) -> list[Result]:
    """Measure and judge."""
    many = FEWER if bench.is_quick else MANY
    short, long = (_taken(bench.small(f"history-{days}"), days) for days in (FEW, many))
    about = f"{many * A_DAY:,} sales"
    results = [
        ratio(
            NAME,
            f"{what}, {about} beside {FEW * A_DAY:,}",
            measured=long[what],
            reference=short[what],
            check=Check(at_most=MOST),
        )
        for what in long
        if what != STATEMENT
    ]
    bought = many * A_DAY // CUSTOMERS
    statement_ms = Result(
        name=NAME,
        what=f"{STATEMENT} of a customer of {bought:,} invoices",
        value=long[STATEMENT] * MS,
        unit="ms",
        check=Check(at_most=MOST_STATEMENT_MS),
    )
    return [*results, statement_ms]


def _taken(path: Path, days: int) -> dict[str, float]:
    """The median seconds of each report."""
    with open_store(path, synchronous="OFF") as store:
        history.fill(store, days=days, items=SMALL)
        taken = {}
        for what, make in _reports(shops.at_work(store)).items():
            watch = Stopwatch()
            make()
            for _ in range(ROUNDS):
                watch.call(make)
            taken[what] = watch.median
        return taken


def _reports(shop: Shop) -> Mapping[str, Callable[[], object]]:
    month = LAST - timedelta(days=29)
    server = replace(shop, rules=replace(shop.rules, role="server"))
    made: dict[str, Callable[[], object]] = {}
    for words, since in (("a day", LAST), ("a month", month)):
        asked = Asked(since=since, until=LAST)
        for name, report in form.REPORTS.items():
            if name not in NOT_BY_DAYS:
                made[f"{name} of {words}"] = _of(report, shop, asked)
        made[f"credited of {words}"] = _credited(shop, asked)
    made["what is owed"] = _of(form.owed, shop, Asked())
    made["proof of a day, read"] = lambda: receipt.read(server, LAST, till=None)
    made[STATEMENT] = lambda: statement.of_customer(server, "C0001", since=month, until=LAST)
    return made


def _of(
    report: Callable[[Shop, Asked, int], object], shop: Shop, asked: Asked
) -> Callable[[], object]:
    return lambda: report(shop, asked, 20)


def _credited(shop: Shop, asked: Asked) -> Callable[[], object]:
    return lambda: sales.credited(shop, asked, limit=20)
