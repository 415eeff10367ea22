"""Every command of the till, by place, with its default key.

Function keys follow what cashiers know from other tills: search, customer, price, hold and recall
side by side, F9 to pay. Where a terminal keeps a key for itself there is a second one.
"""

from __future__ import annotations

from collections.abc import Mapping

from pos_app.domain.permission import Permission
from pos_app.tui.catalogue_fiscal import DOUBTS, FISCAL, FISCAL_DAY
from pos_app.tui.catalogue_label import LABELS
from pos_app.tui.catalogue_printer import PRINTER
from pos_app.tui.catalogue_proof import PROOF
from pos_app.tui.catalogue_queue import QUEUE
from pos_app.tui.commands import Command

EVERYWHERE = "till"
LEAVE = "till.leave"
PAPER = "till.paper"

TILL = (
    Command(
        id="till.help", keys="f1", label="Help", weight=9,
        help="Show the keys that are valid now.",
    ),
    Command(
        id="till.lock", keys="f12,ctrl+l", label="Lock", weight=3,
        help="Lock the till or change the user; a sale in progress stays as it is.",
        when="is_signed_in",
    ),
    Command(
        id=PAPER, keys="ctrl+p", label="Paper?", weight=9,
        permission=Permission.RECEIPT_VIEW, when="has_question",
        help="Say whether a paper came out of the printer when the printer could not say it.",
    ),
    Command(
        id=LEAVE, keys="ctrl+q", label="End the program", weight=0,
        help="End the program; first park, finish or cancel the sale in progress.",
    ),
)  # fmt: skip

SIGN_IN = (
    Command(
        id="sign_in.secret", keys="f2", label="PIN / password",
        help="Change between PIN and password.",
    ),
    Command(
        id="sign_in.previous", keys="up", label="User above", weight=0,
        help="Choose the user above.",
    ),
    Command(
        id="sign_in.next", keys="down", label="User below", weight=0,
        help="Choose the user below.",
    ),
    Command(
        id="sign_in.back", keys="escape", label="Empty the fields", weight=0,
        help="Empty the fields.",
    ),
)  # fmt: skip

SALE = (
    Command(
        id="sale.search", keys="f2", label="Search", weight=8,
        help="Find an item by name, code or the last digits of its barcode; /text does the same.",
    ),
    Command(
        id="sale.customer", keys="f3", label="Customer", weight=6,
        help="Choose the customer; the prices change to theirs.",
    ),
    Command(
        id="sale.price_check", keys="f4", label="Price", weight=4,
        help="Show the prices and the stock of an item without selling it.",
    ),
    Command(
        id="sale.park", keys="f5", label="Park", weight=7, permission=Permission.SALE_HOLD,
        help="Put the sale aside and reserve its goods for a while.", when="has_lines",
    ),
    Command(
        id="sale.recall", keys="f6", label="Recall", weight=7, permission=Permission.SALE_HOLD,
        help="Take up a parked sale.",
    ),
    Command(
        id="sale.discount", keys="f7", label="Discount", permission=Permission.SALE_DISCOUNT,
        help="Give a discount on the marked line; F7 once more in the dialog: on the whole sale.",
        when="has_lines",
    ),
    Command(
        id="sale.receipts", keys="f8", label="Receipts", weight=4,
        permission=Permission.RECEIPT_VIEW,
        help="Look at receipts, their lamps and why they wait, and print a copy.",
    ),
    Command(
        id="sale.tender", keys="f9", label="Pay", weight=9,
        help="Choose how the customer pays: the tender by its digit, then Enter and the amount.",
        when="has_lines",
    ),
    Command(
        id="sale.shift", keys="f10,ctrl+g", label="Shift",
        help="Open or close the shift, read X, move cash.",
    ),
    Command(
        id="sale.total", keys="plus", label="Pay in cash", weight=0,
        help="On an empty entry: total and pay in cash; once more: exactly.", when="has_lines",
    ),
    Command(
        id="sale.correct", keys="minus", label="Last line out", weight=0,
        help="On an empty entry: take the last line out; 2- takes out line 2.", when="has_lines",
    ),
    Command(
        id="sale.repeat", keys="exclamation_mark", label="Last item again", weight=0,
        help="On an empty entry: sell the last item once more.", when="has_lines",
    ),
    Command(
        id="sale.remove", keys="delete", label="Marked line out", weight=0,
        help="Take the marked line out.", when="has_lines",
    ),
    Command(
        id="sale.currency", keys="ctrl+t", label="Other currency", weight=0,
        help="Make the sale in the shop's other currency, at that currency's prices.",
    ),
    Command(
        id="sale.cancel", keys="ctrl+x", label="Cancel the sale", weight=0,
        permission=Permission.SALE_VOID,
        help="Give the whole sale up; asks for the reason.", when="has_lines",
    ),
    Command(
        id="sale.no_sale", keys="ctrl+n", label="No sale", weight=0,
        permission=Permission.DRAWER_OPEN, when="has_drawer",
        help="Open the drawer without a sale; asks for the reason, which goes into the audit.",
    ),
    Command(
        id="sale.labels", keys="ctrl+b", label="Labels", weight=0,
        permission=Permission.LABEL_PRINT, when="has_label_printer",
        help="Print labels of goods whose price has changed; say when they are on the shelf.",
    ),
    Command(
        id="sale.previous", keys="up", label="Mark above", weight=0,
        help="Mark the line above.",
    ),
    Command(id="sale.next", keys="down", label="Mark below", weight=0, help="Mark the line below."),
    Command(
        id="sale.back", keys="escape", label="One step back", weight=0,
        help="Empty the entry, then the message; never a line of the sale.",
    ),
)  # fmt: skip

SEARCH = (
    Command(
        id="search.previous", keys="up", label="Mark above", weight=0,
        help="Mark the row above.",
    ),
    Command(
        id="search.next", keys="down", label="Mark below", weight=0,
        help="Mark the row below.",
    ),
    Command(id="search.choose", keys="enter", label="Sell", help="Sell the marked item."),
    Command(
        id="search.price_check", keys="f4", label="Price",
        help="Show prices and stock of the marked item.",
    ),
    Command(id="search.back", keys="escape", label="Back", help="Back to the sale."),
)  # fmt: skip

CUSTOMER = (
    Command(
        id="customer.previous", keys="up", label="Mark above", weight=0,
        help="Mark the row above.",
    ),
    Command(
        id="customer.next", keys="down", label="Mark below", weight=0,
        help="Mark the row below.",
    ),
    Command(id="customer.choose", keys="enter", label="Choose", help="Sell to the marked one."),
    Command(
        id="customer.walk_in", keys="f3", label="Walk-in", help="Sell to nobody in particular.",
    ),
    Command(id="customer.back", keys="escape", label="Back", help="Back to the sale."),
)  # fmt: skip

PRICE_CHECK = (
    Command(
        id="price_check.sell", keys="f9", label="Sell", help="Sell the item that is shown.",
        when="has_item",
    ),
    Command(id="price_check.back", keys="escape", label="Back", help="Back to the sale."),
)  # fmt: skip

HELD = (
    Command(id="held.choose", keys="enter", label="Recall", help="Take up the marked sale."),
    Command(id="held.back", keys="escape", label="Back", help="Back to the sale."),
)  # fmt: skip

TENDER = (
    Command(
        id="tender.choose", keys="f9", label="Tender",
        help="Choose the tender by its digit, then Enter; ↑ and ↓ do it at once.",
    ),
    Command(
        id="tender.money", keys="ctrl+e", label="Money came", weight=9, when="has_money",
        help="Take mobile money that came after all, or leave it to a manager.",
    ),
    Command(
        id="tender.exact", keys="plus", label="Exact",
        help="On an empty entry: exactly what is due in the marked tender.",
    ),
    Command(
        id="tender.note_1", keys="f5", label="First suggestion", weight=0,
        help="Take the first suggested amount.",
    ),
    Command(
        id="tender.note_2", keys="f6", label="Second suggestion", weight=0,
        help="Take the second suggested amount.",
    ),
    Command(
        id="tender.note_3", keys="f7", label="Third suggestion", weight=0,
        help="Take the third suggested amount.",
    ),
    Command(
        id="tender.change", keys="ctrl+t", label="Change in",
        help="Give the change in the other currency.",
    ),
    Command(
        id="tender.undo", keys="minus,delete", label="Undo",
        help="On an empty entry: give the last tender back.", when="has_tenders",
    ),
    Command(
        id="tender.previous", keys="up", label="Mark above", weight=0,
        help="Mark the tender above.",
    ),
    Command(
        id="tender.next", keys="down", label="Mark below", weight=0,
        help="Mark the tender below.",
    ),
    Command(
        id="tender.back", keys="escape", label="Back",
        help="Empty the entry, then back to the sale; tenders already taken are given back first.",
    ),
)  # fmt: skip

RECEIPTS = (
    Command(
        id="receipts.search", keys="f2", label="Search",
        help="Find receipts by number, customer or cashier.",
    ),
    Command(
        id="receipts.reprint", keys="f5", label="Reprint", permission=Permission.RECEIPT_REPRINT,
        help="Print the marked receipt once more, marked COPY.", when="has_receipt",
    ),
    Command(
        id="receipts.save", keys="f8", label="Save PDF", weight=8,
        permission=Permission.RECEIPT_REPRINT,
        help="Save the paper of the marked receipt as a PDF file; it counts as a copy.",
        when="has_receipt",
    ),
    Command(
        id="receipts.office", keys="ctrl+a", label="Office print", weight=4,
        permission=Permission.RECEIPT_REPRINT, when="may_office",
        help="Print the page of the marked receipt in the office; it counts as a copy.",
    ),
    Command(
        id="receipts.seen", keys="f7", label="Came out?", weight=8,
        help="Say whether a receipt came out of the printer when the printer could not say it.",
        when="is_unclear",
    ),
    Command(
        id="receipts.refund", keys="f9", label="Return", weight=7,
        permission=Permission.REFUND_MAKE,
        help="Take goods of the marked receipt back, or correct a price, by a credit note.",
        when="is_sale",
    ),
    Command(
        id="receipts.elsewhere", keys="f3", label="Other till",
        permission=Permission.REFUND_MAKE,
        help="Take goods back that another till has sold; the server is asked for the receipt.",
    ),
    Command(
        id="receipts.paper", keys="f4", label="From paper", permission=Permission.REFUND_MAKE,
        help="Take goods back of a receipt of another device, entered from its paper.",
    ),
    Command(id="receipts.renew", keys="f6", label="Renew", help="Read the list again."),
    Command(
        id="receipts.read", keys="enter", label="Read", weight=6,
        help="Read the marked receipt to its end with ↑ and ↓.", when="has_receipt",
    ),
    Command(
        id="receipts.back", keys="escape", label="Back",
        help="Back to the list, empty the search, then back to the sale.",
    ),
)  # fmt: skip

REFUND = (
    Command(
        id="refund.everything", keys="f5", label="All of it",
        help="Take back all that is left of the receipt.",
    ),
    Command(
        id="refund.price", keys="f6", label="Price",
        help="Correct the price of the marked line; its goods stay with the customer.",
    ),
    Command(
        id="refund.undo", keys="minus,delete", label="Not this", weight=4,
        help="On an empty entry: take nothing back of the marked line.", when="has_lines",
    ),
    Command(
        id="refund.previous", keys="up", label="Line above", weight=0, help="Mark the line above.",
    ),
    Command(
        id="refund.next", keys="down", label="Line below", weight=0, help="Mark the line below.",
    ),
    Command(
        id="refund.pay", keys="f9", label="Pay back", weight=8,
        help="Say why and how the money goes back, then make the credit note.",
    ),
    Command(
        id="refund.back", keys="escape", label="Back",
        help="Empty the entry, then back to the receipts; nothing was changed.",
    ),
)  # fmt: skip

SHIFT = (
    Command(
        id="shift.open", keys="f5", label="Open", permission=Permission.SHIFT_OPEN,
        help="Open the shift with the float that was counted.", when="is_closed",
    ),
    Command(
        id="shift.x", keys="f6", label="X report", permission=Permission.SHIFT_X,
        help="Read the shift without changing it.", when="is_open",
    ),
    Command(
        id="shift.move", keys="f7", label="Cash in/out", permission=Permission.DRAWER_PAID_IN,
        help="Pay cash in or out, bring it to the safe or take it from there.", when="is_open",
    ),
    Command(
        id="shift.no_sale", keys="f3,ctrl+n", label="No sale", permission=Permission.DRAWER_OPEN,
        help="Open the drawer without a sale; asks for the reason, which goes into the audit.",
        when="has_drawer",
    ),
    Command(
        id="shift.close", keys="f9", label="Close", permission=Permission.SHIFT_CLOSE,
        help="Count the drawer and close the shift; what was expected is shown afterwards.",
        when="is_open",
    ),
    Command(
        id="shift.print", keys="f4", label="Print", permission=Permission.SHIFT_X, weight=7,
        help="Print the X of the open shift, or the close just made; a second close says COPY.",
        when="has_paper",
    ),
    Command(
        id="shift.fiscal", keys="f8", label="Fiscal", weight=6,
        permission=Permission.RECEIPT_VIEW,
        help="Look at the fiscal device, its day and the receipts in doubt.",
    ),
    Command(
        id="shift.proof", keys="ctrl+r", label="Proof", weight=5,
        permission=Permission.SYNC_VIEW,
        help="Set the day's receipts beside the fiscal device, the server and SAP.",
    ),
    Command(
        id="shift.queue", keys="f2", label="To SAP", permission=Permission.SYNC_VIEW,
        help="Look at what is on its way to SAP: what stands still, what needs a person.",
    ),
    Command(
        id="shift.printer", keys="ctrl+e", label="Printer", weight=2,
        permission=Permission.TILL_CONFIGURE, when="has_bench",
        help="Choose the receipt printer, try it with test papers, and save its settings.",
    ),
    Command(id="shift.back", keys="escape", label="Back", help="One step back."),
)  # fmt: skip

HELP = (Command(id="help.back", keys="escape", label="Back", help="Back to where you were."),)

PLACES: Mapping[str, tuple[Command, ...]] = {
    EVERYWHERE: TILL,
    "sign_in": SIGN_IN,
    "sale": SALE,
    "search": SEARCH,
    "customer": CUSTOMER,
    "price_check": PRICE_CHECK,
    "held": HELD,
    "tender": TENDER,
    "receipts": RECEIPTS,
    "refund": REFUND,
    "shift": SHIFT,
    "fiscal": FISCAL,
    "doubts": DOUBTS,
    "fiscal_day": FISCAL_DAY,
    "queue": QUEUE,
    "labels": LABELS,
    "proof": PROOF,
    "printer": PRINTER,
    "help": HELP,
}
