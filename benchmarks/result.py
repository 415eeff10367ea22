"""What was measured, what it was measured against, and whether that is good enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MS = 1e3


@dataclass(frozen=True, slots=True)
class Check:
    """A figure must not be above `at_most`; the `goal` is where it should be one day."""

    at_most: float
    goal: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One figure and its judgement.

    Attributes:
        name: of the benchmark it belongs to.
        what: what was measured, for people.
        value: the figure that is judged, in `unit`.
        measured, reference: both sides of a ratio, in `side_unit`; reference None without one.
    """

    name: str
    what: str
    value: float
    unit: str
    check: Check
    measured: float | None = None
    reference: float | None = None
    side_unit: str = "ms"
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_passed(self) -> bool:
        """Whether the figure is within its limit."""
        return self.value <= self.check.at_most

    def as_json(self) -> dict[str, Any]:
        """The result as plain data."""
        return {
            "name": self.name,
            "what": self.what,
            "value": round(self.value, 4),
            "unit": self.unit,
            "at_most": self.check.at_most,
            "goal": self.check.goal,
            "passed": self.has_passed,
            "measured": self.measured,
            "reference": self.reference,
            "side_unit": self.side_unit,
            **self.about,
        }


def ratio(
    name: str,
    what: str,
    *,
    measured: float,
    reference: float,
    check: Check,
    about: Mapping[str, Any] | None = None,
) -> Result:
    """A time beside the time of its reference, both in seconds."""
    return Result(
        name=name,
        what=what,
        value=measured / reference,
        unit="x",
        check=check,
        measured=round(measured * MS, 3),
        reference=round(reference * MS, 3),
        about=about or {},
    )


def table(results: Sequence[Result]) -> str:
    """The results as a table of plain text, which Markdown reads too."""
    rows: list[tuple[str, ...]] = [("what", "figure", "limit", "measured", "reference", "")]
    rows += [_row(result) for result in results]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(widths[at]) for at, cell in enumerate(row)) + " |"
             for row in rows]  # fmt: skip
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _row(result: Result) -> tuple[str, ...]:
    goal = f" (goal {result.check.goal:g})" if result.check.goal is not None else ""
    return (
        result.what,
        f"{result.value:.2f} {result.unit}",
        f"{result.check.at_most:g} {result.unit}{goal}",
        _side(result.measured, result.side_unit),
        _side(result.reference, result.side_unit),
        "pass" if result.has_passed else "FAIL",
    )


def _side(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:g} {unit}"
