from __future__ import annotations

from typing import Any

import pytest

from sync.sap.simulator.refusal import Refusal
from sync.sap.simulator.sql_run import run

JOINED = (
    "SELECT T0.ItemCode FROM OITM T0 JOIN OITW T1 ON T0.ItemCode = T1.ItemCode "
    "WHERE T1.OnHand >= 100 AND T1.WhsCode = :w ORDER BY T0.ItemCode"
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('SELECT "ItemCode" FROM "OITM" ORDER BY "ItemCode" DESC', ["SUGAR", "OLDIE"]),
        ("select T0.ItemCode from OITM T0 where T0.ManBtchNum = 'Y'", ["MILK1"]),
        (JOINED, ["SUGAR"]),
        ("SELECT ItemCode FROM ITM1 WHERE PriceList = 2", ["MILK1"]),
    ],
)
def test_the_statements_service_layer_allows(gate: Any, text: str, found: list[str]) -> None:
    rows = run(gate.core.books, text, {"w": "'SHOP1'"})
    assert [row["ItemCode"] for row in rows][: len(found)] == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT * FROM OITM", 701),
        ("SELECT ItemCode FROM OITM;", 701),
        ("DELETE FROM OITM", 701),
        ("SELECT CASE WHEN 1=1 THEN ItemCode END FROM OITM", 701),
        ("SELECT COALESCE(ItemCode) FROM OITM", 701),
        ("SELECT ItemCode FROM OITM WHERE LENGTH(ItemCode) = :n", 701),
        ("SELECT ItemCode FROM OITM JOIN OITW", 701),
        ("SELECT ItemCode FROM OSPP", 702),
        ("SELECT T9.ItemCode FROM OITM T0", 702),
        ("SELECT Colour FROM OITM", 703),
        ("SELECT ItemCode FROM OITM WHERE Colour = 'x'", 703),
        ("SELECT ItemCode FROM OITM WHERE ItemCode = :missing", 704),
        ("SELECT ItemCode FROM OITM WHERE ItemCode = :bare", 704),
    ],
)
def test_everything_else_is_refused_with_its_code(gate: Any, text: str, code: int) -> None:
    with pytest.raises(Refusal) as caught:
        run(gate.core.books, text, {"bare": "unquoted"})
    assert caught.value.code == code


def test_the_stored_text_runs_whatever_the_call_says(local: Any) -> None:
    stored = {"SqlCode": "Q", "SqlName": "Q", "SqlText": "SELECT ItemCode FROM OITM"}
    local.sl.post("SQLQueries", stored)
    body = {"SqlText": "SELECT CodeBars FROM OITM", "ParamList": ""}
    answer = local.sl.ask("SQLQueries('Q')/List", body)
    assert set(answer["value"][0]) == {"ItemCode"}
    local.sl.patch("SQLQueries('Q')", {"SqlName": "renamed"})
    assert local.sl.get("SQLQueries('Q')/SqlText") == {"value": "SELECT ItemCode FROM OITM"}


def test_order_by_several_columns_sorts_by_all_of_them(gate: Any) -> None:
    text = (
        "SELECT T0.ItemCode, T1.WhsCode FROM OITM T0 JOIN OITW T1 ON T0.ItemCode = T1.ItemCode "
        "WHERE T0.ItemCode < 'N' ORDER BY T0.ItemCode, T1.WhsCode"
    )
    rows = [(row["ItemCode"], row["WhsCode"]) for row in run(gate.core.books, text, {})]
    assert rows == [("BREAD", "MAIN"), ("BREAD", "SHOP1"), ("MILK1", "MAIN"), ("MILK1", "SHOP1")]


def test_columns_without_an_index_join_just_the_same(gate: Any) -> None:
    text = (
        "SELECT T1.DistNumber FROM OITM T0 JOIN OBTN T1 ON T0.ItemCode = T1.ItemCode "
        "JOIN OBTQ T2 ON T2.SysNumber = T1.SysNumber WHERE T2.WhsCode = 'MAIN'"
    )
    assert [row["DistNumber"] for row in run(gate.core.books, text, {})] == ["B1"]
