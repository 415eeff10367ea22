"""Text that wants to be something else stays text in every file and paper that is handed out."""

from __future__ import annotations

import csv
import html
import io
import itertools
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import text as sql

from pos_app.api.shopinventory import file, table
from tests.api.house import House, invoice_body
from tests.api.test_document import words
from tests.cheap import cheap

__all__ = ["cheap"]
pytestmark = pytest.mark.usefixtures("cheap")

MARKUP = "<script>alert(1)</script>[red]{{7*7}}{% raw %}&lt;"
CONTROLS = "x\x1b[2J\x1dV\x01\r\nSet-Cookie: odd=1\u202e."
ODD_NAMES = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\uff1d1+1", MARKUP, CONTROLS)
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")


@pytest.fixture
def odd(quick: House) -> House:
    """A shop whose goods, customers and papers have names that want to be more."""
    with quick.shop.store.write() as connection:
        for name in ("items", "partners", "warehouses"):
            codes = connection.execute(sql(f"SELECT code FROM {name} ORDER BY code")).scalars()
            for code, odd_name in zip(codes.all(), itertools.cycle(ODD_NAMES), strict=False):
                connection.execute(
                    sql(f"UPDATE {name} SET name = :name WHERE code = :code"),
                    {"code": code, "name": odd_name},
                )
        connection.execute(
            sql("UPDATE partners SET name = :name WHERE code = 'C0001'"), {"name": MARKUP}
        )
    admin = quick.as_role("Admin")
    for name in ODD_NAMES:
        body = invoice_body(numAtCard=name, comments=name)
        made = admin.post("/api/Invoice", body)
        assert made.status_code == 201, made.text
    return quick


def sheets(house: House) -> Iterator[str]:
    """Every route that gives a file for spreadsheets."""
    for path, methods in house.app.openapi()["paths"].items():
        answers = methods.get("get", {}).get("responses", {})
        if "text/csv" in answers.get("200", {}).get("content", {}):
            yield path


def runs(cell: str) -> bool:
    """Whether a spreadsheet would take a cell for a formula."""
    is_marked = cell.lstrip(" ").startswith(
        ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
    )
    return is_marked and not NUMBER.fullmatch(cell)


def test_no_file_for_spreadsheets_runs_a_formula(odd: House) -> None:
    """ASVS 5.0 1.2.10: every route that gives one, every cell of it."""
    admin, wrong, cells = odd.as_role("Admin"), [], 0
    found = list(sheets(odd))
    for path in found:
        answer = admin.get(path, format="csv")
        assert answer.status_code == 200, (path, answer.text)
        assert answer.headers["content-disposition"].startswith("attachment")
        for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))):
            cells += len(row)
            wrong += [(path, cell) for cell in row if runs(cell)]
    assert (wrong, len(found) > 0, cells > 100) == ([], True, True)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_cell_says_what_it_was_given_and_runs_nothing(name: str) -> None:
    (_, (cell,)) = csv.reader(io.StringIO(table.text(["a"], [{"a": name}]), newline=""))
    assert not runs(cell)
    assert cell.removeprefix("'") == name


def test_papers_say_odd_names_as_they_are(odd: House) -> None:
    """ASVS 5.0 1.2.1, 1.3.7: in a PDF as letters, in HTML escaped, computed in neither."""
    admin = odd.as_role("Admin")
    asked = {"documentType": "Statement", "entityId": "C0001"}
    page = admin.post("/api/Document/generate/download", asked | {"format": "html"})
    assert page.status_code == 200, page.text
    assert "<script>" not in page.text
    assert MARKUP in html.unescape(page.text)
    paper = admin.post("/api/Document/generate/download", asked | {"format": "pdf"})
    assert "".join(MARKUP.split()) in "".join(words(paper.content).split())


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_of_a_file_breaks_no_header(name: str) -> None:
    """ASVS 5.0 1.2.2, 3.2.1: made here or sent by somebody, in plain letters or percent-encoded."""
    for answer in (file.pdf(b"", f"{name}.pdf"), file.kept(b"", f"{name}.pdf", "text/html")):
        said = answer.headers["content-disposition"]
        form = r'attachment; filename="[\w .-]+"(; filename\*=UTF-8\'\'[\w.%~-]+)?'
        assert re.fullmatch(form, said, re.ASCII), said
