"""What the authority says of a receipt: its codes, and the colour of the worst of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fiscal.simulator.authority import note_rules, receipt_rules
from fiscal.simulator.authority.case import Case, Colour

RULES = tuple(
    sorted((*receipt_rules.RULES, *note_rules.RULES), key=lambda rule: rule.code),
)
"""Every documented code; 044 to 046 and those above 048 are not documented."""

COLOURS = {rule.code: rule.colour for rule in RULES}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Codes in ascending order; grey while the receipt before it is missing."""

    codes: tuple[str, ...] = ()
    is_grey: bool = False

    @property
    def colour(self) -> Colour | None:
        """Red before grey before yellow; None when nothing is wrong."""
        colours = {COLOURS[code] for code in self.codes}
        if Colour.RED in colours:
            return Colour.RED
        if self.is_grey:
            return Colour.GREY
        return Colour.YELLOW if colours else None


def judge(case: Case) -> Verdict:
    """Test a receipt by every rule that can be tested yet."""
    ready = (rule for rule in RULES if not (rule.needs_previous and case.link.is_gap))
    return Verdict(tuple(rule.code for rule in ready if rule.is_broken(case)), case.link.is_gap)


def is_blocking(codes: Iterable[str]) -> bool:
    """Whether a receipt with these codes keeps its day from closing."""
    return any(COLOURS[code] is Colour.RED for code in codes)
