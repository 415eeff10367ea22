"""What the stories showed, as a page of the documentation."""

from __future__ import annotations

from collections.abc import Mapping

from tests.conformance.catalogue import catalogue
from tests.conformance.runner import CHECKS, Told, catalogued
from tests.conformance.story import REFUSED

HEAD = """# The contract, route by route

Every route of ShopInventory 1.0 that this server serves, every route of our own after them, and
what is shown of each in every test run on both databases: its **happy** case with the words the
contract promises, the effect **read back** by another route, and what is refused: **no
credentials** (401), a **wrong role** (403), a thing that is **missing** (404) and a **bad body**
(400). **Odd text** stands once in every text of its body, its query and its path, on SQLite: SQL,
headers, paths, templates, formulas, markup, control characters and the like are given back as they
were sent, or refused in one sentence. A blank means that the check does not apply. What was asked
and answered is the example `/docs` shows.
Made by `python -m tests.conformance`.

"""


def page(told: Mapping[str, Told]) -> str:
    """The whole page; routes in the order of the contract.

    Args:
        told: what came of each route, as the steps write them.
    """
    known = {catalogued(route): one for route, one in told.items()}
    lines = [f"| route | {' | '.join(CHECKS)} |", "|---" * (len(CHECKS) + 1) + "|"]
    for route in catalogue():
        if route in REFUSED:
            lines.append(f"| `{route}` | refused: {REFUSED[route]} {'| ' * len(CHECKS)}|")
        else:
            lines.append(f"| `{route}` | {' | '.join(_cells(known.get(route)))} |")
    shown = sum(1 for route in catalogue() if route in known and not known[route].wrong)
    total = f"{shown} of {len(catalogue()) - len(REFUSED)} routes are shown.\n\n"
    return f"{HEAD}{total}" + "\n".join(lines) + "\n"


def _cells(told: Told | None) -> list[str]:
    if told is None:
        return ["not shown", *[""] * (len(CHECKS) - 1)]
    return ["yes" if check in told.passed else "" for check in CHECKS]
