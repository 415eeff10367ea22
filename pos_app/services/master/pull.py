"""Fetch from SAP what is due: each kind whole now and then, and in between only what changed.

One kind that fails does not stop the others; the first problem is told. Deltas follow the day of
a change, which SAP tells of items and partners, and the numbers of documents, since neither stock
nor a balance moves that day (production lesson L99; docs/decisions/0018).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pos_app.clock import business_date
from pos_app.errors import PosError
from pos_app.services.master import books, goods, lots, terms
from pos_app.services.master.fetch import Fetch, Told
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import master, setting
from pos_app.store.master import KindRead
from sync.errors import SyncError
from sync.sap import moved
from sync.sap.client import ServiceLayer
from sync.sap.moved import Moved

FETCHED = "sap.fetched_at"
SOON = timedelta(seconds=10)
NOTHING_MOVED = Moved(frozenset(), frozenset(), {})
MANY = 2000
"""Touched items above which everything is read instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often to fetch.

    Attributes:
        every: pause between two fetches of what changed.
        small: how old the small kinds, special prices and batches may get.
        goods_days: after how many days items are read whole, since a price may change without its
            item's day of change.
        whole_days: the same for everything else that has deltas.
    """

    every: timedelta
    small: timedelta = timedelta(hours=1)
    goods_days: int = 1
    whole_days: int = 7


ALL_NOW = Rhythm(every=timedelta(0), small=timedelta(0), goods_days=0, whole_days=0)
"""Read everything whole, whatever was fetched when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of master data.

    Attributes:
        name: what it is called in reports and in the books.
        read: fetches and stores it.
        days: days between two whole reads; None for kinds without deltas of days.
        has_delta: whether documents or days of change tell what to read in between.
        is_always: read every time, because it is one call.
    """

    name: str
    read: Callable[[Fetch], Told]
    days: Callable[[Rhythm], int] | None = None
    has_delta: bool = False
    is_always: bool = False


KINDS = (
    Kind(name="currencies", read=books.currencies),
    Kind(name="vat_groups", read=books.taxes),
    Kind(name="warehouses", read=books.places),
    Kind(name="accounts", read=books.accounts),
    Kind(name="cost_centres", read=books.centres),
    Kind(name="periods", read=books.periods),
    Kind(name="payment_terms", read=books.terms_of_payment),
    Kind(name="price_lists", read=books.lists),
    Kind(name="goods", read=goods.goods, days=lambda rhythm: rhythm.goods_days, has_delta=True),
    Kind(name="special_prices", read=terms.specials),
    Kind(
        name="partners", read=terms.partners, days=lambda rhythm: rhythm.whole_days, has_delta=True
    ),
    Kind(name="rates", read=terms.rates, is_always=True),
    Kind(name="batches", read=lots.lots, has_delta=True),
)


def pull(
    shop: Shop,
    sap: ServiceLayer,
    *,
    hs_field: str,
    rhythm: Rhythm,
    accepts_shrink: bool = False,
) -> Worked:
    """Fetch what is due and say when to do so again."""
    now = shop.clock.now()
    last = fetched_at(shop)
    if last is not None and now < last + rhythm.every:
        return Worked(next_at=last + rhythm.every)
    with shop.store.read() as connection:
        known = master.reads(connection)
    touched, problem = _moved(shop, sap)
    fetch = Fetch(
        shop=shop,
        sap=sap,
        hs_field=hs_field,
        since=None,
        moved=touched or NOTHING_MOVED,
        accepts_shrink=accepts_shrink,
    )
    problems = [problem] if problem else []
    done = 0
    for kind in KINDS:
        state = known.get(kind.name, KindRead(kind=kind.name))
        one = _due(fetch, kind, state, rhythm, now)
        if one is None or (not one.is_whole and touched is None):
            continue
        state = _read(kind, state, one, now)
        done += state.changed if not state.problem else 0
        problems += [state.problem] if state.problem else []
    return _end(shop, rhythm, now, done=done, marks=fetch.moved.marks, problems=problems)


def _end(
    shop: Shop,
    rhythm: Rhythm,
    now: datetime,
    *,
    done: int,
    marks: Mapping[str, int],
    problems: Sequence[str],
) -> Worked:
    """Documents count as seen only when every kind that follows them has been read."""
    if problems:
        soon = now + min(rhythm.every, SOON)
        return Worked(done=done, next_at=soon, problem=problems[0])
    with shop.store.write() as connection:
        setting.write(connection, FETCHED, now.isoformat())
        master.keep_marks(connection, marks)
    return Worked(done=done, next_at=now + rhythm.every)


def fetched_at(shop: Shop) -> datetime | None:
    """When everything was last fetched without a problem."""
    with shop.store.read() as connection:
        told = setting.read(connection, FETCHED)
    return datetime.fromisoformat(told) if told else None


def state(shop: Shop) -> list[KindRead]:
    """How old each kind is and what went wrong with it last, in the order they are fetched."""
    with shop.store.read() as connection:
        known = master.reads(connection)
    return [known.get(kind.name, KindRead(kind=kind.name)) for kind in KINDS]


def _moved(shop: Shop, sap: ServiceLayer) -> tuple[Moved | None, str]:
    """What documents touched, or None and why that could not be asked."""
    with shop.store.read() as connection:
        marks = master.marks(connection)
    try:
        if marks:
            return moved.since(sap, marks), ""
        return Moved(frozenset(), frozenset(), moved.newest(sap)), ""
    except SyncError as error:
        return None, str(error)


def _due(fetch: Fetch, kind: Kind, state: KindRead, rhythm: Rhythm, now: datetime) -> Fetch | None:
    """The fetch that is due for a kind, None for none."""
    if state.whole_at is None or state.read_at is None or kind.is_always:
        return fetch
    zone = fetch.shop.rules.zone
    if kind.days is None:
        is_whole = now >= state.whole_at + rhythm.small
    else:
        age = business_date(now, zone) - business_date(state.whole_at, zone)
        is_whole = age >= timedelta(days=kind.days(rhythm))
    if is_whole or len(fetch.moved.items) > MANY:
        return fetch
    # SAP compares days, in its own zone: a day more loses nothing.
    day_before: date = business_date(state.read_at, zone) - timedelta(days=1)
    return replace(fetch, since=day_before) if kind.has_delta else None


def _read(kind: Kind, state: KindRead, fetch: Fetch, now: datetime) -> KindRead:
    """Fetch one kind and remember how that went."""
    try:
        told = kind.read(fetch)
        state = KindRead(
            kind=kind.name,
            read_at=now,
            whole_at=now if fetch.is_whole else state.whole_at,
            row_count=told.rows,
            changed=told.changed,
            flaws=len(told.flaws),
            flaw=next(iter(told.flaws), ""),
        )
    except (PosError, SyncError) as error:
        state = replace(state, problem=str(error))
    with fetch.shop.store.write() as connection:
        master.keep(connection, state)
    return state
