"""`pos label` without a screen: what is asked for wrongly is named as people write it."""

from __future__ import annotations

from tests import shops
from tests.cli.till import Till

INPUT = 2


def test_goods_without_a_due_label_are_named_in_plain_words(till: Till) -> None:
    wanted = ("NOPE2", "NOPE1")
    ran = till.here("label", "confirm", *wanted, "--user", "manager", "--pin", shops.PIN)
    assert ran.code == INPUT
    assert "a label that is due (NOPE1, NOPE2): correct it" in ran.err
