"""Every fault the SAP sandbox knows, at one rate, on every call the posting queue makes."""

from __future__ import annotations

from sandbox.fault import Fault

DOCUMENTS = (
    "Invoices",
    "CreditNotes",
    "IncomingPayments",
    "VendorPayments",
    "Quotations",
    "Orders",
    "PurchaseOrders",
    "PurchaseDeliveryNotes",
    "InventoryTransferRequests",
    "StockTransfers",
    "InventoryCountings",
    "InventoryPostings",
    "InventoryGenExits",
    "InventoryGenEntries",
)
ALWAYS = 10**9
ERRORS = (
    (-5002, "10000156 - Posting Date deviates from the defined range"),
    (-4006, "Update the exchange rate , 'ZiG'"),
    (-10, "Quantity falls into negative inventory  [line: 1]"),
    (-1116, "(77) Not on a Monday"),
    (-5002, "Account is locked"),
)
WRITES = ("drop_before", "refuse", "commit_then_drop", "commit_then_502", "truncate_json")
READS = ("lookup_fails", "drop_before", "refuse", "truncate_json")


def faults(rate: float, *, stall: float, hide: float) -> list[Fault]:
    """One of each kind of fault on each kind of call.

    Args:
        rate: chance of each fault by itself, on each call it can strike.
        stall: seconds a posting hangs; longer than a worker waits for it.
        hide: seconds a committed document stays invisible.
    """
    made = [
        Fault(on=on, do=do, times=ALWAYS, probability=rate, seconds=seconds)
        for set_name in DOCUMENTS
        for on, do, seconds in (
            *((f"POST {set_name}", do, 0.0) for do in WRITES),
            *((f"GET {set_name}", do, 0.0) for do in READS),
            (f"POST {set_name}", "stall", stall),
            (f"POST {set_name}", "hide", hide),
            (f"GET {set_name}", "short_pages", 0.0),
        )
    ]
    made += [
        Fault(
            on=f"POST {set_name}",
            do="error",
            times=ALWAYS,
            probability=rate / len(ERRORS),
            code=code,
            message=text,
        )
        for set_name in DOCUMENTS
        for code, text in ERRORS
    ]
    anywhere = (("", "expire_session"), ("POST Login", "login_299"))
    return made + [Fault(on=on, do=do, times=ALWAYS, probability=rate) for on, do in anywhere]
