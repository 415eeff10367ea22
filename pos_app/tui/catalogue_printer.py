"""Commands of the place where a printer is set up, with their default keys."""

from __future__ import annotations

from pos_app.tui.commands import Command

PRINTER = (
    Command(
        id="printer.address", keys="f2", label="Address", weight=8,
        help="Choose where the printer is: from what is plugged in, or type an address.",
    ),
    Command(
        id="printer.profile", keys="f3", label="Profile", weight=8,
        help="Choose the kind of printer that is nearest; the test papers correct the rest.",
    ),
    Command(
        id="printer.ask", keys="f4", label="Ask it", weight=6, when="has_address",
        help="Ask the printer how it is: on-line, paper, cover, drawer.",
    ),
    Command(
        id="printer.ruler", keys="f5", label="Ruler", when="has_address",
        help="Print a ruler, and say how wide the paper is.",
    ),
    Command(
        id="printer.codepage", keys="f6", label="Letters", when="has_address",
        help="Print the letters of every code page, and say which cannot be read.",
    ),
    Command(
        id="printer.qr", keys="f7", label="QR", when="has_address",
        help="Print a QR code in both ways, and say which a telephone reads.",
    ),
    Command(
        id="printer.cutter", keys="f8", label="Cutter", when="has_address",
        help="Print a paper with a cut, and say whether it was cut.",
    ),
    Command(
        id="printer.drawer", keys="f10", label="Drawer", when="has_address",
        help="Open the drawer, and learn how its sensor says so; shut it first.",
    ),
    Command(
        id="printer.save", keys="f9", label="Save", weight=9, when="is_changed",
        help="Write what was chosen and learnt into the settings file, after a last question.",
    ),
    Command(
        id="printer.back", keys="escape", label="Back", weight=7,
        help="Back to the shift; asks first when something is not saved.",
    ),
)  # fmt: skip
