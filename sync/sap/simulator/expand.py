"""``$expand``: what a row points to, shown with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sync.sap.simulator.refusal import Refusal
from sync.sap.simulator.schema import SetSchema

NAVIGATION: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Document": {"BusinessPartner": ("BusinessPartners", "CardCode")},
    "Payment": {"BusinessPartner": ("BusinessPartners", "CardCode")},
    "StockTransfer": {"BusinessPartner": ("BusinessPartners", "CardCode")},
    "SpecialPrice": {
        "BusinessPartner": ("BusinessPartners", "CardCode"),
        "Item": ("Items", "ItemCode"),
    },
    "BarCode": {"Item": ("Items", "ItemNo")},
    "BatchNumberDetail": {"Item": ("Items", "ItemCode")},
    "SerialNumberDetail": {"Item": ("Items", "ItemCode")},
    "BusinessPartner": {"PriceList": ("PriceLists", "PriceListNum")},
    "Item": {"ItemGroups": ("ItemGroups", "ItemsGroupCode")},
}
"""Per type: the name of what it points to, its set, and the property that holds the key."""

TERM = re.compile(r"(?P<name>\w+)(?:\(\$select=(?P<select>[\w,]+)\))?")
SPLIT = re.compile(r",(?![^(]*\))")


def expansions(
    owner: SetSchema, options: Mapping[str, str]
) -> Iterator[tuple[str, str, str, str | None]]:
    """What to expand: name, set, key property, and the properties to show of it.

    Both spellings are read: ``BusinessPartner($select=CardName)``, and
    ``$select=…,BusinessPartner/CardName`` beside a bare name.

    Raises:
        Refusal: a name this set does not point with.
    """
    known = NAVIGATION.get(owner.type, {})
    for text in SPLIT.split(options.get("$expand", "")):
        match = TERM.fullmatch(text.strip())
        if match is None or match["name"] not in known:
            raise Refusal(
                -1000, f"Navigation property '{text.strip()}' of '{owner.type}' is invalid"
            )
        set_name, key = known[match["name"]]
        yield match["name"], set_name, key, match["select"] or _beside(match["name"], options)


def own_names(options: Mapping[str, str]) -> str | None:
    """The part of ``$select`` that names properties of the row itself; None for all of them."""
    names = [name.strip() for name in options.get("$select", "").split(",") if name.strip()]
    own = [name for name in names if "/" not in name]
    return ",".join(own) if own else None


def _beside(name: str, options: Mapping[str, str]) -> str | None:
    names = [one.strip() for one in options.get("$select", "").split(",")]
    inner = [one.partition("/")[2] for one in names if one.startswith(f"{name}/")]
    return ",".join(inner) or None
