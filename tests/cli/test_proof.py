"""pos proof: what it answers and how it ends."""

from __future__ import annotations

import pytest

from tests.cli.till import Till, milk

DAY = "2026-11-02"


def test_a_till_without_a_server_proves_its_own_day(till: Till) -> None:
    assert till.sell(milk()).code == 0
    ran = till.here("proof", "today", "--json")
    assert (ran.code, ran.err, ran.json["equal"]) == (0, "", True)
    own = {"name": "the till's books", "read": True, "problem": "", "documents": 1}
    assert ran.json["sides"]["receipts"] == own
    counts = [row for row in ran.json["figures"] if row["figure"] == "invoices"]
    assert [row["receipts"] for row in counts] == [1]
    assert "All sides say the same." in till.here("proof", DAY).out
    assert till.here("proof", "yesterday", "--json").json["figures"] == []


def test_a_server_that_is_away_is_an_unread_side(till: Till) -> None:
    assert till.sell(milk()).code == 0
    before, mark, after = till.config.read_text(encoding="utf-8").partition("[server]")
    told = after.replace('url = ""', 'url = "http://127.0.0.1:9"', 1)
    till.config.write_text(before + mark + told, encoding="utf-8")
    key = till.folder / "secrets" / "server-api-key"
    key.parent.mkdir(exist_ok=True)
    key.write_text("a-key", encoding="utf-8")
    key.chmod(0o600)
    ran = till.here("proof", DAY, "--json")
    assert (ran.code, ran.err) == (5, "")
    assert not ran.json["equal"]
    assert ran.json["differences"] == []
    for side in ("server", "sap"):
        assert not ran.json["sides"][side]["read"]
        assert ran.json["sides"][side]["documents"] is None
    assert "could not be read" in till.here("proof", DAY).out


@pytest.mark.parametrize("text", ["2026-13-01", "soon", ""])
def test_a_date_that_is_none_says_how_to_write_one(till: Till, text: str) -> None:
    ran = till.here("proof", text)
    assert (ran.code, ran.out) == (2, "")
    assert "2026-11-30" in ran.err
    told = till.here("proof", text, "--json")
    assert (told.code, told.err) == (2, "")
    assert told.json["error"]["message"] == ran.err.strip()
