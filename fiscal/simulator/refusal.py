"""Refusals in the words of the live boxes; all come as Code "0" with HTTP status 200."""

from __future__ import annotations

from decimal import Decimal

from fiscal.amount import money_text

NULL_FIELD = "Object reference not set to an instance of an object"
COMMENT_BLANK = "InvoiceComment is null or empty"
NUMBER_BLANK = "InvoiceNumber is null or empty"
NOT_FOUND = "Invoice not Found"
DAY_CLOSED = "Fiscal day is closed. Please open the fiscal day and try again."
INIT_ERROR = "init error"
CERTIFICATE_EXPIRED = "certificate expired"
BACKLOG_WITHOUT_DAY = "Either Fiscal Day Number or Fiscal Date must be provided"
UNKNOWN_OPERATION = "Unknown operation"
LICENSE_INVALID = "Invalid license"
CLOSE_PENDING = "Fiscal day close is in progress. Please check the day status and try again."
NOT_A_DATE = "String was not recognized as a valid DateTime"
NOT_A_NUMBER = "Input string was not in a correct format"


class Refused(Exception):
    """The box says no; nothing was changed."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def duplicate(number: str) -> Refused:
    """The number was used before, whatever the content; the original is not returned."""
    return Refused(
        f"Transaction error: Duplicate Invoice Number - The invoice number ({number}) already "
        "exists in your Device. Please check for duplicates (Invoice Numbers should be unique "
        "per TIN)."
    )


def credit_exceeds(amount: Decimal, original: Decimal) -> Refused:
    """More is credited than is left of the filed original."""
    return Refused(
        f"Credit Note Amount {money_text(amount)} exceeds the original Invoice Amount "
        f"{money_text(original)}"
    )


def original_missing(number: str) -> Refused:
    """A note names an original the box has not filed."""
    return Refused(f"Original Invoice Number ({number}) not found in your Device")


def bad_item(field: str, why: str) -> Refused:
    """One field of one item is not acceptable, named as the box names it."""
    return Refused(f"Invalid {field}.. {why}")


def day_too_long(hours: int) -> Refused:
    """The device must refuse receipts once the day is over its legal length (FDMS 7.2)."""
    return Refused(
        f"Fiscal day has been open for more than {hours} hours. Please close the fiscal day."
    )


def undelivered(count: int) -> Refused:
    """A day is closed only when the authority has everything of it (FDMS 7.2, closeDay)."""
    return Refused(
        f"Fiscal day close failed: {count} messages are not delivered to the authority yet."
    )


def close_failed(error: str) -> Refused:
    """The authority found something wrong with the day; it stays open."""
    return Refused(f"Fiscal day close failed: {error}")


def clock_behind(last: str) -> Refused:
    """The clock went back further than a burst of receipts explains."""
    return Refused(
        f"Device clock is behind the last receipt ({last}). Please correct the date and time."
    )
