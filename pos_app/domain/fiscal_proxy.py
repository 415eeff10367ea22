"""What can go wrong when another program has a receipt filed on the shop's fiscal device."""

from __future__ import annotations

from pos_app.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    RuleBroken,
    Unavailable,
)


class FiscalNotConfigured(Unavailable):
    """This server has no fiscal device."""

    code = "fiscal_not_configured"

    def __init__(self) -> None:
        super().__init__(
            "This server has no fiscal device: name one under [fiscal] in its settings, "
            "or ask a server that has one."
        )


class FiscalDeviceHeld(Unavailable):
    """Another program of the shop has the device and does not let go of it."""

    code = "fiscal_device_held"

    def __init__(self) -> None:
        super().__init__(
            "The till is using the fiscal device or has a receipt on it that is not settled yet: "
            "nothing was sent, try again in a moment."
        )


class FiscalPrefetched(RuleBroken):
    """Something asked for the Z report in advance, and it closes the day."""

    code = "fiscal_prefetched"

    def __init__(self) -> None:
        super().__init__(
            "The Z report closes the fiscal day and is not given in advance: ask for it itself."
        )


class FiscalUnsettled(Unavailable):
    """An earlier receipt is not settled, so nothing new is filed (production lesson L13)."""

    code = "fiscal_unsettled"

    def __init__(self, number: str, reason: str) -> None:
        super().__init__(
            f"It is not known yet whether the fiscal device filed {number}: nothing else is sent "
            "to it until that is settled, try again in a moment.",
            number=number,
            reason=reason,
        )


class FiscalNotReady(Unavailable):
    """The device answers and can file nothing now; the receipt itself is fine."""

    code = "fiscal_device_not_ready"

    def __init__(self, said: str) -> None:
        super().__init__(
            f"The fiscal device is not ready, it says {said!r}: put that right and send the same "
            "again, nothing was filed.",
            said=said,
        )


class FiscalRequestRefused(RuleBroken):
    """The device refused, and it is proven that it filed nothing."""

    code = "fiscal_device_refused"

    def __init__(self, said: str) -> None:
        super().__init__(
            f"The fiscal device refused: {said.rstrip('.')}. Nothing was filed or changed: put "
            "that right and ask again, a receipt under its own number.",
            said=said,
        )


class FiscalInvoiceNotFound(NotFound):
    """The device has no receipt of this number."""

    code = "fiscal_invoice_not_found"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"The fiscal device has no receipt {number[:60]}: check the number.", number=number
        )


class OriginalNotFiscalised(NotFound):
    """A note names an original the device does not have."""

    code = "original_not_fiscalised"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"The fiscal device has no receipt {number}, so there is nothing to credit or debit: "
            "check originalInvoiceNumber.",
            original=number,
        )


class FiscalNumberTaken(Conflict):
    """The number stands for another content."""

    code = "fiscal_number_taken"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Invoice number {number} was sent before with another content: numbers are never "
            "used again, send this under a new one.",
            number=number,
        )


class FiscalDisputed(Conflict):
    """The device and the request do not agree; only a person can settle it."""

    code = "fiscal_disputed"

    def __init__(self, number: str, reason: str) -> None:
        super().__init__(
            f"{number} is disputed and will not be sent again: {reason}",
            number=number,
        )


class FiscalItemsInvalid(InvalidInput):
    """The items of a receipt cannot be filed as they stand."""

    code = "invalid_items"

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The items cannot be filed, {problem}: correct itemsXml and send it again.",
            problem=problem,
        )


class FiscalRequestInvalid(InvalidInput):
    """The receipt cannot be filed as it stands; nothing was sent."""

    code = "invalid_request"

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The receipt cannot be filed, {problem}: correct it and send it again.",
            problem=problem,
        )


class ZReportUnknown(NotFound):
    """The day is closed, and nobody here has its totals."""

    code = "z_report_unknown"

    def __init__(self, fiscal_day: int) -> None:
        super().__init__(
            f"Fiscal day {fiscal_day} was closed by another program, which has its Z report: "
            "ask there, or print it at the till.",
            fiscal_day=fiscal_day,
        )


class FiscalDayUnclear(OutcomeUnknown):
    """The device was told to close the day and its answer was lost."""

    code = "fiscal_day_unclear"

    def __init__(self, fiscal_day: int) -> None:
        super().__init__(
            f"It is not known whether fiscal day {fiscal_day} was closed: "
            "read /api/revmax/day-status, then ask for the Z report again.",
            fiscal_day=fiscal_day,
        )


class LicenseUnclear(OutcomeUnknown):
    """The device was given a licence key and its answer was lost."""

    code = "fiscal_license_unclear"

    def __init__(self) -> None:
        super().__init__(
            "It is not known whether the fiscal device took the licence key: "
            "read /api/revmax/license."
        )
