"""The database, its newest backup, and how old the prices are."""

from __future__ import annotations

from datetime import datetime, timedelta

from pos_app.domain.currency import Rate
from pos_app.domain.preflight import Stops
from pos_app.services import rate, sync
from pos_app.services.doctor.finding import Check, Finding, State, age
from pos_app.services.preflight import morning, told
from pos_app.services.shop import Shop
from pos_app.store import backup as backup_rows
from pos_app.store import migrate, setting
from pos_app.store.sound import damage

BACKUP_AT = backup_rows.MADE_AT

BACKUP_OLD, BACKUP_TOO_OLD = timedelta(hours=26), timedelta(days=7)
PRICES_OLD, PRICES_TOO_OLD = timedelta(hours=24), timedelta(days=7)


def database(shop: Shop) -> Finding:
    """Let the database check itself, and compare its schema with the program's."""
    with shop.store.read() as connection:
        problem = damage(connection)
        version, wanted = migrate.version(connection), migrate.head()
    if problem:
        sentence = (
            f"The database is damaged ({problem}): sell nothing, keep the file, and restore the "
            "newest backup."
        )
        return Finding(check=Check.DATABASE, state=State.FAIL, sentence=sentence)
    if version != wanted:
        sentence = f"The database is of version {version}, the program of {wanted}: update it."
        return Finding(check=Check.DATABASE, state=State.FAIL, sentence=sentence)
    sentence = "The database is whole."
    facts = {"version": version}
    return Finding(check=Check.DATABASE, state=State.OK, sentence=sentence, facts=facts)


def backup(shop: Shop) -> Finding:
    """How old the newest backup is."""
    with shop.store.read() as connection:
        noted = setting.read(connection, BACKUP_AT)
    if noted is None:
        sentence = "No backup was ever noted here: make one, and keep it on another machine."
        return Finding(check=Check.BACKUP, state=State.WARN, sentence=sentence)
    passed = shop.clock.now() - datetime.fromisoformat(noted)
    facts = {"made_at": noted}
    if passed <= BACKUP_OLD:
        sentence = f"The newest backup is {age(passed)} old."
        return Finding(check=Check.BACKUP, state=State.OK, sentence=sentence, facts=facts)
    state = State.WARN if passed <= BACKUP_TOO_OLD else State.FAIL
    sentence = f"The newest backup is {age(passed)} old: make one now."
    return Finding(check=Check.BACKUP, state=state, sentence=sentence, facts=facts)


def prices(shop: Shop, *, has_server: bool) -> Finding:
    """How old the prices are that came from the server, and the rate between the currencies."""
    with shop.store.read() as connection:
        known = rate.current(shop, connection)
    if not has_server:
        sentence = "Prices are kept on this machine."
        return _with_rate(shop, State.OK, sentence, known)
    seconds = sync.queues(shop)["downlink"].oldest_seconds
    if seconds is None:
        sentence = "Prices were never fetched from the server: run 'pos sync --once'."
        return Finding(check=Check.PRICES, state=State.FAIL, sentence=sentence)
    passed = timedelta(seconds=seconds)
    if passed <= PRICES_OLD:
        return _with_rate(shop, State.OK, f"Prices are {age(passed)} old.", known)
    state = State.WARN if passed <= PRICES_TOO_OLD else State.FAIL
    sentence = f"Prices are {age(passed)} old: bring the line to the server back, and sync."
    facts = {"age_seconds": seconds}
    return Finding(check=Check.PRICES, state=state, sentence=sentence, facts=facts)


def _with_rate(shop: Shop, state: State, sentence: str, known: Rate | None) -> Finding:
    """A missing or old rate is worth a warning where all else is well."""
    if known is None:
        sentence = f"{sentence} There is no rate for {rate.QUOTE}: set today's at the server."
        return Finding(check=Check.PRICES, state=State.WARN, sentence=sentence)
    passed = rate.age(shop, known)
    if passed > PRICES_OLD:
        sentence = f"{sentence} The rate for {rate.QUOTE} is {age(passed)} old: ask for today's."
        return Finding(check=Check.PRICES, state=State.WARN, sentence=sentence)
    return Finding(check=Check.PRICES, state=state, sentence=sentence)


def preflight(shop: Shop) -> Finding:
    """What the look before the day found: in our own data, and at SAP where the server told us."""
    problems = sorted(
        morning.of_till(shop).problems, key=lambda problem: problem.stops is Stops.NOTHING
    )
    if not problems:
        sentence = "Nothing is known that stands in the way of the day."
        return Finding(check=Check.PREFLIGHT, state=State.OK, sentence=sentence)
    is_grave = any(problem.stops is not Stops.NOTHING for problem in problems)
    return Finding(
        check=Check.PREFLIGHT,
        state=State.FAIL if is_grave else State.WARN,
        sentence=told.sentence(problems),
        facts={"problems": len(problems)},
    )
