"""pos shift: opened, read and closed without a screen, in words or as JSON and never as both."""

from __future__ import annotations

import pytest

from tests import shops
from tests.cli.till import Till

WHO = ("--user", "cashier", "--pin", shops.PIN)
REFUSED = 3


def test_a_shift_is_opened_read_and_closed(bare_till: Till) -> None:
    bare_till.fill(is_open=False)
    opened = bare_till.here("shift", "open", *WHO, "--count", "USD:20=2", "--json")
    assert (opened.code, opened.err) == (0, ""), opened.out
    assert (opened.json["shift"], opened.json["user"]) == (1, "cashier")
    assert bare_till.sell().code == 0
    read = bare_till.here("shift", "x", *WHO)
    assert (read.code, read.err) == (0, "")
    assert "is_open: True" in read.out
    closed = bare_till.here("shift", "close", *WHO, "--count", "USD:20=2", "--json").json
    assert (closed["is_open"], closed["sales"]) == (False, 1)
    (cash,) = [row for row in closed["balances"] if row["currency"] == "USD"]
    assert (cash["counted"], cash["over_short"][0]) == ("40.00", "-")


@pytest.mark.parametrize("asked", [("shift", "x"), ("fiscal", "open")])
def test_an_error_asked_for_as_json_is_json_and_nothing_else(
    bare_till: Till, asked: tuple[str, ...]
) -> None:
    told = bare_till.here(*asked, "--user", "cashier", "--pin", "0000", "--json")
    assert (told.code, told.err) == (REFUSED, "")
    assert told.json["error"]["code"] == "sign_in_refused"
    assert told.json["error"]["message"].endswith("try again.")


def test_an_error_in_words_goes_to_the_other_channel(bare_till: Till) -> None:
    told = bare_till.here("shift", "x", *WHO)
    assert (told.code, told.out) == (REFUSED, "")
    assert told.err.count("\n") == 1
