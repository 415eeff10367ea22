"""Dialects by name, alone and joined."""

from __future__ import annotations

from itertools import combinations

import pytest

from fiscal.errors import ProfileUnknown
from fiscal.profile import PERCENT, PROFILES, profile

DIALECTS = ("percent", "fraction", "amount")


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_what_its_name_says(name: str) -> None:
    assert profile(name) == PROFILES[name]


def test_habits_join_a_dialect() -> None:
    made = profile("fraction+negative-credit+debit-notes")
    assert (made.name, made.taxes) == ("fraction+negative-credit+debit-notes", "fraction")
    assert made.is_credit_negative
    assert made.takes_debit_notes
    assert made.is_z_in_cents
    assert not made.hs_key
    assert profile("percent+hs-codes").taxes == PERCENT.taxes


@pytest.mark.parametrize(("left", "right"), [*combinations(DIALECTS, 2)])
def test_two_dialects_contradict_each_other(left: str, right: str) -> None:
    with pytest.raises(ProfileUnknown, match=f"no fiscal profile '{left}"):
        profile(f"{left}+{right}")


@pytest.mark.parametrize("name", ["", "x", "percent+", "percent+x", "+"])
def test_what_does_not_exist_is_named(name: str) -> None:
    with pytest.raises(ProfileUnknown, match="use one of percent, fraction"):
        profile(name)
