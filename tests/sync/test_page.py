from __future__ import annotations

import json
from typing import Any

import pytest

from sync.envelope import Malformed
from sync.page import Change, Page, Position, known_of, page_from_wire, page_to_wire

PAGE = Page(
    epoch="e1",
    lineage=(("e0", 2),),
    after=3,
    until=9,
    head=20,
    changes=(Change(4, "item", "A", {"items": []}), Change(9, "stock", "A|W", None)),
)
AT = Position("e1", 3)


def test_a_page_survives_the_wire() -> None:
    assert page_from_wire(json.loads(json.dumps(page_to_wire(PAGE))), AT) == PAGE
    assert PAGE.end == Position("e1", 9)
    assert not PAGE.is_last


def test_another_epoch_begins_at_the_start() -> None:
    wire = page_to_wire(PAGE) | {"epoch": "e2", "after": 0}
    assert page_from_wire(wire, AT).after == 0
    with pytest.raises(Malformed):
        page_from_wire(page_to_wire(PAGE) | {"epoch": "e2"}, AT)


def test_a_page_may_say_that_nothing_changed() -> None:
    wire = page_to_wire(PAGE) | {"rows": [], "until": 20}
    assert page_from_wire(wire, AT).is_last


ROW = {"seq": 4, "kind": "item", "key": "A", "data": None}


@pytest.mark.parametrize(
    "change",
    [
        {"after": 2},
        {"lineage": None},
        {"lineage": ["e0"]},
        {"lineage": [["e0"]]},
        {"lineage": [["e0", "2"]]},
        {"after": 4},
        {"epoch": ""},
        {"rows": None},
        {"rows": [ROW, ROW]},
        {"rows": [ROW | {"seq": 3}]},
        {"rows": [ROW | {"seq": 10}]},
        {"rows": [ROW | {"data": []}]},
        {"rows": [ROW | {"key": ""}]},
        {"until": 21},
        {"until": 8},
        {"rows": [], "until": 3},
        {"head": "20"},
    ],
)
def test_a_page_that_does_not_continue_is_none(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        page_from_wire(page_to_wire(PAGE) | change, AT)


@pytest.mark.parametrize(
    ("theirs", "epoch", "mine", "known"),
    [
        # Restored once from a backup at 40.
        ((("a", 40),), "a", (), 40),
        # Restored twice while the till was away: of the first epoch it knows what the second did.
        ((("a", 40), ("b", 70)), "a", (), 40),
        # Restored again from the same backup: the till's epoch is nobody's past any more.
        ((("a", 40),), "b", (("a", 40),), 40),
        # Restored from an older backup than before, and from a newer one.
        ((("a", 25),), "b", (("a", 40),), 25),
        ((("a", 60),), "b", (("a", 40),), 40),
        # Another server altogether.
        ((), "a", (), 0),
        ((("x", 9),), "a", (("w", 3),), 0),
    ],
)
def test_what_is_still_known_of_an_epoch(
    theirs: tuple[tuple[str, int], ...],
    epoch: str,
    mine: tuple[tuple[str, int], ...],
    known: int,
) -> None:
    assert known_of(theirs, epoch, lineage_of_epoch=mine) == known
