"""What can go wrong between a document and the paper; each error is its own sentence."""

from __future__ import annotations

from typing import ClassVar


class PrintingError(Exception):
    """Root of the tree; ``str()`` is one sentence for the person at the till.

    PrintingError
      Offline          no answer, no port, unplugged, switched off, held by another program
      PaperOut         the paper end stops the printer
      CoverOpen        somebody has the cover open
      CutterFault      the knife is stuck
      PrinterFault     another error the printer names
      MemoryLost       ready again, and will never prove a job: power was gone in the middle
      Busy             an earlier job has not left the printer yet
      Unconfirmed      bytes were sent and nothing proves that they became paper
      TooWide          the document does not fit this printer
      NotFiscalised    a fiscal document without the device's QR data and code
      InexactAmount    an amount of money with fractions of a cent
      UnprintableData  a QR code or barcode that cannot be drawn
      FileUnusable     a font or a picture that cannot be read
      UnknownProfile, InvalidAddress, UnknownLanguage, EmptyText   configuration
    """

    code: ClassVar[str] = "printing"
    may_pass: ClassVar[bool] = False
    """True when trying again later can succeed without anybody changing the document."""


class Offline(PrintingError):
    """The printer cannot be reached or does not answer.

    `took_some`: the call that failed may have sent a part of its bytes.
    """

    code = "printer_offline"
    may_pass = True

    def __init__(self, detail: str = "it does not answer", *, took_some: bool = False) -> None:
        self.detail = detail
        self.took_some = took_some
        super().__init__(f"The printer is offline: {detail}. Check its power and its cable.")


class PaperOut(PrintingError):
    """The paper end sensor stops the printer."""

    code = "paper_out"
    may_pass = True

    def __init__(self) -> None:
        super().__init__("The printer has no paper. Put in a new roll and close the cover.")


class CoverOpen(PrintingError):
    """The cover is open."""

    code = "cover_open"
    may_pass = True

    def __init__(self) -> None:
        super().__init__("The cover of the printer is open. Close it.")


class CutterFault(PrintingError):
    """The auto-cutter is stuck."""

    code = "cutter_fault"
    may_pass = True

    def __init__(self) -> None:
        super().__init__(
            "The knife of the printer is stuck. Remove the jammed paper, then switch it off and on."
        )


class PrinterFault(PrintingError):
    """The printer reports an error that has no name of its own."""

    code = "printer_fault"
    may_pass = True

    def __init__(self, *, is_recoverable: bool) -> None:
        self.is_recoverable = is_recoverable
        advice = "Switch it off and on." if is_recoverable else "Call for service."
        super().__init__(f"The printer reports a fault. {advice}")


class MemoryLost(PrintingError):
    """The printer is well and will never say that it printed a job: it forgot it, for all we know.

    Without power for a moment it loses what it holds; an answer lost on the way looks the same.
    """

    code = "printer_memory_lost"

    def __init__(self) -> None:
        super().__init__(
            "The printer is ready and says nothing of this paper: it was switched off in the "
            "middle, or its answer got lost. Look whether it came out whole."
        )


class Busy(PrintingError):
    """An earlier job is still in the printer; sending another would mix two papers."""

    code = "printer_busy"
    may_pass = True

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(
            f"The printer has not finished job {job_id}. Clear the printer, or give that job up."
        )


class Unconfirmed(PrintingError):
    """Bytes were sent and nothing proves that they became paper."""

    code = "print_unconfirmed"

    def __init__(self, detail: str = "the printer did not say that it printed") -> None:
        self.detail = detail
        super().__init__(f"Nobody knows whether the paper came out: {detail}. Look at the printer.")


class TooWide(PrintingError):
    """A document, an amount or a code needs more room than the paper has."""

    code = "too_wide"

    def __init__(self, what: str, *, needs: int, has: int, unit: str = "columns") -> None:
        super().__init__(
            f"{what} needs {needs} {unit}, this printer has {has}. Choose the right profile."
        )


class NotFiscalised(PrintingError):
    """A document that looks fiscal was asked for without what only the device can give.

    Source: ZIMRA FDMS 7.2, receipt content; production lesson L38.
    """

    code = "not_fiscalised"

    def __init__(self, missing: str) -> None:
        self.missing = missing
        super().__init__(
            f"This receipt has no {missing} from the fiscal device, so it may not be printed yet."
        )


class InexactAmount(PrintingError):
    """Money on paper has cents; a finer amount would have to be rounded here, unseen."""

    code = "inexact_amount"

    def __init__(self, amount: object) -> None:
        super().__init__(f"The amount {amount} is not a whole number of cents and is not printed.")


class UnprintableData(PrintingError):
    """Data of a QR code or barcode that the symbol cannot carry."""

    code = "unprintable_data"

    def __init__(self, symbol: str, reason: str) -> None:
        super().__init__(f"The {symbol} cannot be printed: {reason}.")


class FileUnusable(PrintingError):
    """A font or a picture that configuration names and nobody can use."""

    code = "file_unusable"

    def __init__(self, what: str, path: str, reason: str) -> None:
        super().__init__(f"The {what} {path} {reason}. Name another file in [paper].")


class UnknownProfile(PrintingError):
    """Configuration names a printer profile, or a field of one, that does not exist."""

    code = "unknown_profile"

    def __init__(self, what: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no {what}; use one of {', '.join(known)}.")


class InvalidAddress(PrintingError):
    """Configuration names a printer address that cannot be understood."""

    code = "invalid_address"

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"The printer address {address!r} is not usable: {reason}.")


class UnknownLanguage(PrintingError):
    """A document asks for texts in a language there are none in."""

    code = "unknown_language"

    def __init__(self, language: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There are no receipt texts in {language!r}; use {', '.join(known)}.")


class EmptyText(PrintingError):
    """Configuration empties a text that papers need."""

    code = "empty_text"

    def __init__(self, name: str) -> None:
        super().__init__(f"The text {name!r} would say nothing; write it or leave it out.")
