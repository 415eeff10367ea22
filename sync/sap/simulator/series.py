"""Numbering series: one of its own per kind of document, or those the company has set up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sync.sap.simulator.books import Books
from sync.sap.simulator.object_number import NUMBERS
from sync.sap.simulator.refusal import Refusal

WRONG = "10000521 - Define the document numbering series for the posting period  [Series]"


def numbered(books: Books, set_name: str, body: Mapping[str, Any], day: date) -> dict[str, int]:
    """The series of a new document and its number in it.

    Raises:
        Refusal: -10 when the series is locked, unknown, or belongs to another period.
    """
    wanted = body.get("Series")
    for series in series_of(books, set_name):
        if wanted is None and not _fits(books, series, day):
            continue
        if wanted in (None, series["Series"]):
            if not _fits(books, series, day):
                break
            number = series["NextNumber"]
            if number > series.get("LastNumber", number):
                break
            return {"Series": series["Series"], "DocNum": number}
    raise Refusal(-10, WRONG)


def series_of(books: Books, set_name: str) -> Iterator[dict[str, Any]]:
    """The series of one kind of document, in SAP's names, the one to take first at the front."""
    number = NUMBERS[set_name]
    given = [one for one in books.company.series if int(one["document"]) == number]
    for one in given or [{"number": number, "name": "Primary"}]:
        first = int(one.get("first", books.company.first_doc_num))
        series = int(one["number"])
        yield {
            "Document": str(number),
            "DocumentSubType": "--",
            "Series": series,
            "Name": str(one.get("name", series)),
            "InitialNumber": first,
            **({"LastNumber": int(one["last"])} if one.get("last") else {}),
            "NextNumber": first + books.in_series.get((set_name, series), 0),
            "Locked": "tYES" if one.get("locked") else "tNO",
            "IsManual": "tNO",
            "PeriodIndicator": str(one.get("indicator", "Default")),
        }


def _fits(books: Books, series: Mapping[str, Any], day: date) -> bool:
    indicator = books.company.indicator_on(day)
    is_of_period = "Default" in (indicator, series["PeriodIndicator"])
    return series["Locked"] == "tNO" and (is_of_period or series["PeriodIndicator"] == indicator)
