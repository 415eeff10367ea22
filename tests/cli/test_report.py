"""pos report: the figures of some days for people and for programs."""

from __future__ import annotations

from tests.cli.till import Till


def test_a_manager_reads_what_was_sold(till: Till) -> None:
    sold = till.sell().json
    told = till.here("report", "sales", "--json")
    assert told.code == 0
    assert told.json["total"]["sales_usd"] == sold["total"]
    assert sold["total"] in till.here("report", "sales").out
    best = till.here("report", "products", "--json", "--top", "1").json["rows"]
    assert [row["item"] for row in best] == ["MILK"]
    for name in ("slow", "customers", "payments", "profit", "owed"):
        assert till.here("report", name).code == 0, name


def test_what_cannot_be_told_is_one_sentence(till: Till) -> None:
    for arguments in (
        ["nothing"],
        ["sales", "--since", "2026-11-02", "--until", "2026-11-01"],
        ["sales", "--warehouse", "NOWHERE"],
        ["sales", "--since", "yesterday"],
    ):
        told = till.here("report", *arguments)
        assert (told.code, told.out) == (2, ""), arguments
        assert told.err.strip()
