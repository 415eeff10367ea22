"""Count requests in memory, out of portions taken from the database that all processes share.

A process takes a tenth of a client's limit in one write and then serves it without another; near
the limit it takes ever less. So no more than the limit is ever let in by all processes together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from pos_app.domain import rate_limit as rule_of
from pos_app.domain.rate_limit import EVERYTHING, Rule, Rules, Verdict
from pos_app.services.rate_limit import setting
from pos_app.services.shop import Shop
from pos_app.store import rate_limit as rates

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_FORGET_EVERY = 1000


@dataclass(slots=True)
class _Portion:
    """What this process took of one segment, and how much of it is used."""

    taken: int = 0
    used: int = 0


@dataclass(slots=True)
class _Window:
    """One client's window as this process knows it; others' as of the last portion."""

    mine: dict[datetime, _Portion] = field(default_factory=dict)
    others: dict[datetime, int] = field(default_factory=dict)
    full_in: datetime | None = None

    def trim(self, rule: Rule, now: datetime) -> None:
        begins, ends = rule.begins(now), rule.segment(now)
        for known in (self.mine, self.others):
            for segment in [at for at in known if not begins <= at <= ends]:
                del known[segment]

    @property
    def counts(self) -> dict[datetime, int]:
        found = {segment: portion.used for segment, portion in self.mine.items()}
        for segment, count in self.others.items():
            found[segment] = found.get(segment, 0) + count
        return found


class Limiter:
    """The counts of one process; safe for threads."""

    def __init__(self, shop: Shop, rules: Rules) -> None:
        """Begin to count.

        Args:
            shop: the server.
            rules: the limits unless an administrator sets others.
        """
        self._shop = shop
        self._usual = rules
        self._owner = shop.ids.new()
        self._lock = Lock()
        self._claiming = Lock()  # so that what is in the database is what this process knows
        self.start_afresh()

    def start_afresh(self) -> None:
        """Know nothing any more, as after a restart."""
        with self._lock:
            self._windows: dict[tuple[str, str], _Window] = {}
            self._days: dict[str, list[int]] = {}
            self._blocks: Mapping[str, datetime] = {}
            self._config = rule_of.RateConfig(
                requests=self._usual.everything.requests, seconds=self._usual.everything.seconds
            )
            self._seen_at = _LONG_AGO
            self._hits = 0

    @property
    def config(self) -> rule_of.RateConfig:
        """What an administrator set, as last read."""
        return self._config

    def rule(self, counts: str) -> Rule:
        """The window for what is counted."""
        if counts == EVERYTHING:
            return self._config.rule(self._usual.everything)
        return self._usual.login if counts == rule_of.LOGIN else self._usual.sync

    def is_stale(self) -> bool:
        """Whether blocks and settings should be read again."""
        return abs(self._shop.clock.now() - self._seen_at) >= rule_of.STALE

    def refresh(self) -> None:
        """Read what an administrator did at any process."""
        now = self._shop.clock.now()
        with self._shop.store.read() as connection:
            config = setting.read(connection, self._usual)
            blocks = rates.blocks(connection, now)
            resets = rates.resets(connection, min(self._seen_at, now) - rule_of.STALE)
        with self._lock:
            if config != self._config:
                self._windows.clear()
            for key in [key for key in self._windows if key[0] in resets]:
                del self._windows[key]
            self._config, self._blocks, self._seen_at = config, blocks, now

    def block_of(self, *clients: str) -> datetime | None:
        """Until when one of these is blocked by hand; None when none is."""
        now = self._shop.clock.now()
        ends = [self._blocks[client] for client in clients if client in self._blocks]
        return max((end for end in ends if end > now), default=None)

    def hit(self, client: str, counts: str) -> Verdict | None:
        """Count a request if this process has room for it; None when it has to `claim`."""
        with self._lock:
            rule, now, window = self._window(client, counts)
            segment = rule.segment(now)
            portion = window.mine.get(segment)
            if portion is not None and portion.used < portion.taken:
                self._count(client, portion)
                return rule_of.verdict(client, rule, window.counts, now=now, is_refused=False)
            if window.full_in == segment:
                self._day(client)[1] += 1
                return rule_of.verdict(client, rule, window.counts, now=now, is_refused=True)
            return None

    def claim(self, client: str, counts: str) -> Verdict:
        """Take a portion of what all processes have left, and count a request if there is one.

        Raises:
            Unavailable: the database does not answer now; nothing was counted.
        """
        with self._claiming:
            return self._claim(client, counts)

    def _claim(self, client: str, counts: str) -> Verdict:
        with self._lock:
            rule, now, window = self._window(client, counts)
            segment = rule.segment(now)
            held = {at: portion.used for at, portion in window.mine.items() if at != segment}
            days = self._take_days()
        try:
            others, got = self._take(client, counts, rule, now=now, held=held, days=days)
        except BaseException:
            self._return_days(days)
            raise
        with self._lock:
            window.others = others
            portion = window.mine.setdefault(segment, _Portion())
            portion.taken += got
            for at, used in held.items():
                if at in window.mine:
                    window.mine[at].taken = used
            if portion.used < portion.taken:
                self._count(client, portion)
                return rule_of.verdict(client, rule, window.counts, now=now, is_refused=False)
            window.full_in = segment
            self._day(client)[1] += 1
            return rule_of.verdict(client, rule, window.counts, now=now, is_refused=True)

    def count_alone(self, client: str, counts: str) -> Verdict:
        """Count a request by what this process knows, while the database cannot be written to."""
        with self._lock:
            rule, now, window = self._window(client, counts)
            portion = window.mine.setdefault(rule.segment(now), _Portion())
            is_refused = sum(window.counts.values()) >= rule.requests
            if not is_refused:
                portion.taken = max(portion.taken, portion.used + 1)
                self._count(client, portion)
            return rule_of.verdict(client, rule, window.counts, now=now, is_refused=is_refused)

    def look(self, client: str, counts: str = EVERYTHING) -> Verdict:
        """Say what a request would meet, without counting one."""
        with self._lock:
            rule, now, window = self._window(client, counts)
            found = {at: portion.used for at, portion in window.mine.items()}
        with self._shop.store.read() as connection:
            for row in rates.taken(connection, client, counts, since=rule.begins(now)):
                if row["owner"] != self._owner and rule.holds(row["segment"], now):
                    found[row["segment"]] = found.get(row["segment"], 0) + row["taken"]
        is_full = sum(found.values()) >= rule.requests
        return rule_of.verdict(client, rule, found, now=now, is_refused=is_full)

    def settle(self) -> None:
        """Give back what was taken and not used, and write down what was counted."""
        with self._claiming:
            self._settle()

    def _settle(self) -> None:
        with self._lock:
            rows = []
            for (client, counts), window in self._windows.items():
                for segment, portion in window.mine.items():
                    if portion.taken != portion.used:
                        portion.taken = portion.used
                        rows.append(self._row(client, counts, segment, portion.used))
            days = self._take_days()
        if not rows and not days:
            return
        try:
            with self._shop.store.write() as connection:
                rates.take(connection, rows)
                rates.add_days(connection, self._shop.today, days)
        except BaseException:
            self._return_days(days)
            raise

    def _take(
        self,
        client: str,
        counts: str,
        rule: Rule,
        *,
        now: datetime,
        held: Mapping[datetime, int],
        days: Mapping[str, tuple[int, int]],
    ) -> tuple[dict[datetime, int], int]:
        """What others hold, and how much was got, in one transaction."""
        segment = rule.segment(now)
        since = rule.begins(now)
        with self._shop.store.write() as connection:
            rates.touch(connection, client, now)
            rates.forget_windows(connection, client, before=min(since, now - rule_of.KEPT))
            others: dict[datetime, int] = {}
            mine = 0
            for row in rates.taken(connection, client, counts, since=since):
                if not rule.holds(row["segment"], now):
                    continue
                if row["owner"] == self._owner:
                    mine = row["taken"] if row["segment"] == segment else mine
                else:
                    others[row["segment"]] = others.get(row["segment"], 0) + row["taken"]
            free = rule.requests - sum(others.values()) - sum(held.values()) - mine
            got = rule.batch(free) if free > 0 else 0
            rows = [self._row(client, counts, at, used) for at, used in held.items()]
            rows.append(self._row(client, counts, segment, mine + got))
            rates.take(connection, rows)
            rates.add_days(connection, self._shop.today, days)
        return others, got

    def _row(self, client: str, counts: str, segment: datetime, taken: int) -> dict[str, object]:
        return {
            "client": client,
            "counts": counts,
            "segment": segment,
            "owner": self._owner,
            "taken": taken,
        }

    def _window(self, client: str, counts: str) -> tuple[Rule, datetime, _Window]:
        rule, now = self.rule(counts), self._shop.clock.now()
        self._hits += 1
        if self._hits % _FORGET_EVERY == 0:
            self._sweep(now)
        window = self._windows.setdefault((client, counts), _Window())
        window.trim(rule, now)
        return rule, now, window

    def _sweep(self, now: datetime) -> None:
        for (client, counts), window in list(self._windows.items()):
            window.trim(self.rule(counts), now)
            if not window.mine:
                del self._windows[client, counts]

    def _count(self, client: str, portion: _Portion) -> None:
        portion.used += 1
        self._day(client)[0] += 1

    def _day(self, client: str) -> list[int]:
        return self._days.setdefault(client, [0, 0])

    def _take_days(self) -> dict[str, tuple[int, int]]:
        taken = {client: (count[0], count[1]) for client, count in self._days.items()}
        self._days.clear()
        return taken

    def _return_days(self, days: Mapping[str, tuple[int, int]]) -> None:
        with self._lock:
            for client, (requests, refused) in days.items():
                count = self._day(client)
                count[0] += requests
                count[1] += refused
