"""A copy that shrinks beyond belief is refused, however SAP answered (production lesson L40)."""

from __future__ import annotations

from decimal import Decimal

from pos_app.errors import RuleBroken

SHRINK_MOST = Decimal("0.2")
SHRINK_FREE = 10


class ImplausibleShrink(RuleBroken):
    """SAP shows far fewer records than before; the former copy stays."""

    code = "implausible_shrink"

    def __init__(self, kind: str, before: int, now: int) -> None:
        super().__init__(
            f"SAP shows {now} {kind} where there were {before}: check SAP, the former copy stays "
            "in use until `pos master --fetch --accept-shrink` confirms it.",
            kind=kind,
            before=before,
            now=now,
        )


def check_shrink(
    kind: str, before: int, now: int, *, is_accepted: bool, may_be_empty: bool = False
) -> None:
    """Refuse far fewer records than before.

    Args:
        kind: what they are called.
        before: how many are known.
        now: how many SAP shows.
        is_accepted: somebody looked and says that it is right.
        may_be_empty: a shop can do without any.

    Raises:
        ImplausibleShrink: more than a fifth and more than ten are gone, or the last of a kind
            nobody can do without.
    """
    is_empty = now == 0 and before > 0 and not may_be_empty
    lost = before - now > max(before * SHRINK_MOST, Decimal(SHRINK_FREE))
    if (is_empty or lost) and not is_accepted:
        raise ImplausibleShrink(kind, before, now)
