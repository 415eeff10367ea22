"""Pages: what a caller may ask for, and the envelope a page comes in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Path, Query

from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory.schemas.fields import Day

MOST, USUAL = 100, 20
FURTHEST = 10**9


@dataclass(frozen=True, slots=True)
class Window:
    """Which page of a list; too small and too large numbers are brought into bounds."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many rows stand before the page."""
        return (self.number - 1) * self.size

    def envelope(self, total: int, count: int) -> dict[str, Any]:
        """The numbers round a page of `count` rows out of `total`."""
        pages = -(-total // self.size)
        return {
            "page": self.number,
            "page_size": self.size,
            "count": count,
            "total_count": total,
            "total_pages": pages,
            "has_more": self.number < pages,
        }


def windows(*, usual: int = USUAL, most: int = MOST) -> Callable[..., Awaitable[Window]]:
    """Read a window out of the query, for a list with a usual and a largest size of its own."""

    async def window(
        page: Annotated[int, Query(description="From 1; less is 1.")] = 1,
        size: Annotated[int, Query(alias="pageSize", description="Of a page.")] = usual,
    ) -> Window:
        return Window(min(max(page, 1), FURTHEST), min(max(size, 1), most))

    return window


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both ends included; None is open."""

    since: date | None
    until: date | None

    def whole(self) -> tuple[date, date]:
        """Both days.

        Raises:
            FieldsInvalid: one is missing.
        """
        named = (("fromDate", self.since), ("toDate", self.until))
        missing = [Field(name, "This field is required.") for name, day in named if day is None]
        if self.since is None or self.until is None:
            raise FieldsInvalid(missing)
        return self.since, self.until


async def _period(
    since: Annotated[Day | None, Query(alias="fromDate")] = None,
    until: Annotated[Day | None, Query(alias="toDate")] = None,
) -> Period:
    if since is not None and until is not None and since > until:
        raise FieldsInvalid([Field("fromDate", "fromDate lies after toDate.")])
    return Period(since, until)


Number = Annotated[int, Path(le=2**63 - 1)]
"""A document's number in an address, as far as a database can hold one."""

PageOf = Annotated[Window, Depends(windows())]
PeriodOf = Annotated[Period, Depends(_period)]
