"""Lists and shares: nothing is lost or made by cutting a receipt into its tax groups."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.consolidation import CENT, Amount, Group, Paid, identity, pieces, runs, shared

GROUP = Group(
    day=date(2026, 4, 1), partner="C0001", currency="USD", rate=Decimal("26.5"), tax_group="O1"
)
AMOUNTS = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=6)


def test_l30_another_member_makes_another_key() -> None:
    first = identity(GROUP, ["a", "b"])
    assert first == identity(replace(GROUP, rate=Decimal("26.500")), ["b", "a"])
    others = [
        identity(GROUP, ["a", "b", "c"]),
        identity(GROUP, ["a"]),
        identity(replace(GROUP, tax_group="O2"), ["a", "b"]),
        identity(replace(GROUP, day=date(2026, 4, 2)), ["a", "b"]),
        identity(replace(GROUP, currency="ZIG"), ["a", "b"]),
        identity(replace(GROUP, rate=None), ["a", "b"]),
    ]
    assert len({first, *others}) == 7


@given(AMOUNTS, st.data())
def test_shares_add_up_to_every_group_and_every_tender(
    paid: list[int], data: st.DataObject
) -> None:
    """However the tenders lie across the tax groups, both sides add up to the cent."""
    total = sum(paid)
    cuts = sorted(data.draw(st.lists(st.integers(0, total), max_size=3)))
    ends = [*cuts, total]
    grosses = {
        f"O{place}": end - since
        for place, (since, end) in enumerate(zip([0, *cuts], ends, strict=True))
    }
    tenders = [
        Paid(line=line, in_document=amount, settled=data.draw(st.integers(0, 10**11)))
        for line, amount in enumerate(paid, start=1)
    ]
    made = shared(grosses, tenders)
    assert {
        group: sum(part.in_document for part in parts) for group, parts in made.items()
    } == grosses
    for tender in tenders:
        parts = [part for rows in made.values() for part in rows if part.line == tender.line]
        assert sum(part.in_document for part in parts) == tender.in_document
        if tender.in_document:
            assert sum(part.settled for part in parts) == tender.settled
        assert all(part.settled >= 0 for part in parts)


@given(st.lists(st.integers(min_value=-10, max_value=10), max_size=60))
def test_no_payment_is_further_than_a_cent_from_what_it_pays(mills: list[int]) -> None:
    """Each piece is within a cent, unless one receipt alone is not; nothing is left out."""
    amounts = [
        Amount(received=Decimal(5) + Decimal(mill) / 1000, pays=Decimal(5)) for mill in mills
    ]
    made = runs(amounts)
    assert [place for piece in made for place in piece] == list(range(len(amounts)))
    for piece in made:
        apart = sum((amounts[place].received - amounts[place].pays for place in piece), Decimal(0))
        assert abs(apart) <= CENT or len(piece) == 1


PAID = st.tuples(st.integers(0, 3), st.integers(-9, 9))
"""Cents that came in, and the mills what they pay is above or below that."""


@given(st.lists(PAID, max_size=40))
def test_every_cent_is_in_one_payment_and_only_what_none_can_take_stays_open(
    told: list[tuple[int, int]],
) -> None:
    amounts = [
        Amount(
            received=Decimal(cents) / 100, pays=max(Decimal(10 * cents + mills), Decimal(1)) / 1000
        )
        for cents, mills in told
    ]
    made = pieces(amounts)
    taken = [place for piece in made for place in piece]
    assert len(taken) == len(set(taken))
    apart = [
        sum((amounts[at].received - amounts[at].pays for at in one), Decimal(0)) for one in made
    ]
    for piece, over in zip(made, apart, strict=True):
        assert sum(amounts[at].received for at in piece) > 0, "a payment without money"
        assert abs(over) <= CENT or len(piece) == 1
    for place in set(range(len(amounts))) - set(taken):
        assert amounts[place].received == 0, "money that came in is in a payment"
        assert all(over - amounts[place].pays < -CENT for over in apart)


def test_parts_below_a_cent_are_paid_with_the_rest() -> None:
    whole = Amount(received=Decimal("2.00"), pays=Decimal("1.992"))
    crumb = Amount(received=Decimal(0), pays=Decimal("0.004"))
    assert pieces([crumb, whole, crumb]) == [[0, 1, 2]]
    assert pieces([crumb, crumb]) == []
