"""Commands of the place of labels."""

from __future__ import annotations

from pos_app.tui.commands import Command

LABELS = (
    Command(
        id="labels.filter", keys="f2", label="What changed", weight=8,
        help="Show all, then only new prices, new goods, new names or barcodes.",
    ),
    Command(
        id="labels.by_hand", keys="f4", label="By hand", weight=6,
        help="Print a label of any item: its code, 3*code for three, code 0.555 for a pack.",
    ),
    Command(
        id="labels.print", keys="f5", label="Print", weight=9, when="may_print",
        help="Print the marked label, again if it was printed before.",
    ),
    Command(
        id="labels.print_all", keys="f6", label="Print all", weight=9, when="has_due",
        help="Print every label shown that is due.",
    ),
    Command(
        id="labels.confirm", keys="f7", label="On the shelf", weight=8, when="may_confirm",
        help="Say that the marked label is on the shelf.",
    ),
    Command(
        id="labels.confirm_all", keys="f8", label="All on the shelf", weight=7,
        when="has_printed",
        help="Say that every printed label shown is on the shelf.",
    ),
    Command(
        id="labels.cancel", keys="delete", label="Not needed", weight=5, when="may_cancel",
        help="Say why the marked label is not needed; its shelf then counts as right.",
    ),
    Command(
        id="labels.renew", keys="f9", label="Renew", weight=3,
        help="Compare the books with the shelves again.",
    ),
    Command(id="labels.back", keys="escape", label="Back", help="Back to the sale."),
)  # fmt: skip
