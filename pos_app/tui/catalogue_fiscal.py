"""Commands of the places around the fiscal device, with their default keys."""

from __future__ import annotations

from pos_app.domain.permission import Permission
from pos_app.tui.commands import Command

FISCAL = (
    Command(
        id="fiscal.doubts", keys="f5", label="In doubt", weight=8,
        help="Look at receipts that are unknown, refused or disputed, and settle them.",
    ),
    Command(
        id="fiscal.day", keys="f6", label="Fiscal day", weight=7,
        help="See, open and close the fiscal day; X, Z and their reconciliation.",
    ),
    Command(
        id="fiscal.ask", keys="f7", label="Ask device",
        help="Read card, licence and backlog from the device now.", when="has_device",
    ),
    Command(
        id="fiscal.accept", keys="f9", label="Go on with it", weight=9,
        permission=Permission.FISCAL_RESOLVE,
        help="Go on with a device the till has stopped for; say who filed what it holds.",
        when="is_stopped",
    ),
    Command(id="fiscal.back", keys="escape", label="Back", help="Back to the shift."),
)  # fmt: skip

DOUBTS = (
    Command(
        id="doubts.look", keys="f5", label="Look again", weight=8,
        permission=Permission.FISCAL_RESOLVE,
        help="Ask the device about the marked receipt at once; nothing is sent again.",
        when="may_look",
    ),
    Command(
        id="doubts.adopt", keys="f6", label="Adopt", weight=7,
        help="Take the device's record for this sale; a manager approves it after comparing.",
        when="may_adopt",
    ),
    Command(
        id="doubts.send", keys="f7", label="Send again", weight=7,
        permission=Permission.FISCAL_RESOLVE,
        help="File it under its own number, once the device is proven not to have it.",
        when="may_send",
    ),
    Command(
        id="doubts.write_off", keys="f8", label="Corrected by", weight=6,
        permission=Permission.FISCAL_RESOLVE,
        help="Leave a receipt that cannot be filed to the receipt that replaces it.",
        when="may_write_off",
    ),
    Command(
        id="doubts.noted", keys="f9", label="Noted", weight=8,
        permission=Permission.FISCAL_RESOLVE,
        help="Say what a receipt of the device is that no sale of this till stands behind.",
        when="may_note",
    ),
    Command(id="doubts.renew", keys="f4", label="Renew", weight=3, help="Read the list again."),
    Command(id="doubts.back", keys="escape", label="Back", help="Back to the device."),
)  # fmt: skip

FISCAL_DAY = (
    Command(
        id="fiscal_day.open", keys="f5", label="Open", weight=8,
        permission=Permission.FISCAL_DAY,
        help="Open the fiscal day; a sale does it by itself where the shop wants that.",
        when="is_shut",
    ),
    Command(
        id="fiscal_day.close", keys="f9", label="Close", weight=8,
        permission=Permission.FISCAL_DAY,
        help="Close the fiscal day: no receipt may be in doubt; the Z comes back and is compared.",
        when="is_open",
    ),
    Command(
        id="fiscal_day.print", keys="f7", label="Print", weight=7,
        help="Print the marked day: X while it is open, Z once it is closed.", when="has_day",
    ),
    Command(
        id="fiscal_day.sign", keys="f8", label="Sign", weight=6,
        permission=Permission.FISCAL_DAY,
        help="Put your name and a note to a closed day and its differences.", when="is_closed_day",
    ),
    Command(
        id="fiscal_day.cancel", keys="ctrl+x", label="Take back", weight=6,
        permission=Permission.FISCAL_DAY,
        help="Take back an opening or closing the device has not been told yet.",
        when="is_asked",
    ),
    Command(id="fiscal_day.renew", keys="f4", label="Renew", weight=3, help="Read it again."),
    Command(id="fiscal_day.back", keys="escape", label="Back", help="Back to the device."),
)  # fmt: skip
