"""The thing sold or stocked."""

from __future__ import annotations

from dataclasses import dataclass

from pos_app.errors import Conflict, InvalidInput, NotFound, RuleBroken


class ItemUnknown(NotFound):
    """No item has this code or barcode."""

    code = "item_unknown"

    def __init__(self, code: str) -> None:
        super().__init__(
            f"No item has the code {code[:60]!r}: scan it again or search for it by name.",
            item=code[:60],
        )


class BarcodeAmbiguous(Conflict):
    """One barcode belongs to several items; the cashier chooses, never the till."""

    code = "barcode_ambiguous"

    def __init__(self, barcode: str, items: tuple[str, ...]) -> None:
        super().__init__(
            f"Barcode {barcode[:60]} belongs to {len(items)} items ({', '.join(items[:5])}): "
            "choose one by its item code.",
            barcode=barcode[:60],
            items=items,
        )


class ItemInactive(RuleBroken):
    """The item is frozen or withdrawn."""

    code = "item_inactive"

    def __init__(self, item: str) -> None:
        super().__init__(
            f"Item {item} is not for sale any more: ask the back office to release it.", item=item
        )


class ItemInvalid(InvalidInput):
    """An item's own data cannot be used."""

    code = "item_invalid"

    def __init__(self, item: str, why: str) -> None:
        super().__init__(f"Item {item!r} {why}: correct its record.", item=item)


@dataclass(frozen=True, slots=True)
class Item:
    """One item as the till knows it.

    Attributes:
        uom: name of the unit it is sold in.
        decimals: decimals its quantity may have; 0 for goods sold each.
        tax_group: code of its tax group, resolved by date when it is sold.
        hs_code: harmonised system code the fiscal device files, 4 or 8 digits.
        is_free: whether it may be given away at price zero.
        is_weighed: whether its labels carry a weight or a price.
    """

    code: str
    name: str
    uom: str
    decimals: int
    tax_group: str
    hs_code: str = ""
    group: str = ""
    is_batch_managed: bool = False
    is_active: bool = True
    is_free: bool = False
    is_weighed: bool = False
    barcodes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.code:
            raise ItemInvalid(self.name, "has no code")
        if not 0 <= self.decimals <= 6:
            raise ItemInvalid(self.code, f"cannot have {self.decimals} decimals")


def check_active(item: Item) -> Item:
    """Return the item if it may be sold.

    Raises:
        ItemInactive: it is frozen or withdrawn.
    """
    if not item.is_active:
        raise ItemInactive(item.code)
    return item
