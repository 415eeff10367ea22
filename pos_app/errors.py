"""Every error of the shop: a code for the wire and one sentence for people.

::

    PosError                         code, sentence, details, exit_code
    ├── InvalidInput        exit 2   what was typed, scanned or sent cannot be used as it is
    │   ├── ConfigInvalid · MalformedInput
    ├── NotFound            exit 2   it names something the shop does not have
    │   └── RecordNotFound
    ├── NotAllowed          exit 3   this actor may not do it, or not without an approval
    ├── Conflict            exit 3   it clashes with what is already recorded
    │   ├── ReferenceConflict · StaleRecord
    ├── RuleBroken          exit 3   a rule of the shop or of the law says no
    │   └── InsufficientStock
    ├── Unavailable         exit 5   a device, server, disk or database cannot do it now
    │   ├── DatabaseBusy · DatabaseDamaged · DiskFull · DeviceUnavailable · RemoteUnavailable
    └── OutcomeUnknown      exit 4   it may have happened; only reading can tell

Errors that guard one rule live in that rule's module (``domain/sale.py`` has ``SaleFull``); those
raised by several layers live here. A sentence reads ``what is wrong: what to do.``; it is shown to
people as it is, and ``code`` and ``details`` go on the wire beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar


def _plain(value: object) -> object:
    """Turn a fact into what JSON can carry without losing digits: decimals become text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return str(value)


class PosError(Exception):
    """Root of all errors a person or a program may be told about.

    Attributes:
        code: snake_case, unique per class, stable: other programs switch on it.
        exit_code: what a command of ``pos`` ends with.
        sentence: one sentence for people, the same as ``str(error)``.
        details: the facts behind the sentence, ready for JSON (amounts are decimal strings).
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 3

    def __init__(self, sentence: str, /, **details: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details: dict[str, object] = {key: _plain(value) for key, value in details.items()}

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        """Survive pickling although concrete classes take facts, not the sentence."""
        return _rebuilt, (type(self), self.sentence, self.details)


def _rebuilt(kind: type[PosError], sentence: str, details: dict[str, object]) -> PosError:
    error = kind.__new__(kind)
    PosError.__init__(error, sentence, **details)
    return error


class InvalidInput(PosError):
    """What was typed, scanned or sent cannot be used as it is."""

    code = "invalid_input"
    exit_code = 2


class NotFound(PosError):
    """The request names something the shop does not have."""

    code = "not_found"
    exit_code = 2


class NotAllowed(PosError):
    """This actor may not do it, or not without an approval."""

    code = "not_allowed"


class Conflict(PosError):
    """It clashes with what is already recorded."""

    code = "conflict"


class RuleBroken(PosError):
    """A rule of the shop or of the law says no."""

    code = "rule_broken"


class Unavailable(PosError):
    """A device, server, disk or database cannot do it now; nothing happened."""

    code = "unavailable"
    exit_code = 5


class OutcomeUnknown(PosError):
    """It may have happened; only reading the other side can tell, never repeating."""

    code = "outcome_unknown"
    exit_code = 4


class ConfigInvalid(InvalidInput):
    """A setting is missing, unknown or has a wrong value."""

    code = "config_invalid"

    def __init__(self, file: str, key: str, problem: str) -> None:
        where = f"Setting {key} in {file}" if key else f"The config file {file}"
        super().__init__(
            f"{where} {problem.rstrip('.')}: correct it and start again.",
            file=file,
            key=key,
            problem=problem,
        )


class MalformedInput(InvalidInput):
    """A file, a body or an argument is not in the form it should have."""

    code = "malformed_input"

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(
            f"{where} {problem}: correct it and send it again.", where=where, problem=problem
        )


class RecordNotFound(NotFound):
    """No record of this kind has this key."""

    code = "record_not_found"

    def __init__(self, kind: str, key: object) -> None:
        shown = key[:60] if isinstance(key, str) else key
        super().__init__(
            f"There is no {kind} {shown}: check the number and try again.", kind=kind, key=shown
        )


class ReferenceConflict(Conflict):
    """A caller used one of its references again for something else."""

    code = "reference_conflict"

    def __init__(self, reference: str, receipt: str = "") -> None:
        taken = f"already belongs to receipt {receipt}" if receipt else "is already in use"
        super().__init__(
            f"Reference {reference} {taken} with another content: use a new reference.",
            reference=reference,
            receipt=receipt,
        )


class ReferenceForgotten(Conflict):
    """The reference was used before a restore, for a document these books do not know."""

    code = "reference_forgotten"

    def __init__(self, reference: str, document: str, *, where: str) -> None:
        super().__init__(
            f"Reference {reference} was used for {document} before these books were restored: it "
            f"is not used again; look at that one {where}.",
            reference=reference,
            document=document,
        )


class StaleRecord(Conflict):
    """Somebody changed the record after it was read."""

    code = "stale_record"

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(
            f"The {kind} {key} was changed by somebody else meanwhile: open it again.",
            kind=kind,
            key=key,
        )


class InsufficientStock(RuleBroken):
    """Less is available in the warehouse than was asked for."""

    code = "insufficient_stock"

    def __init__(self, item: str, warehouse: str, requested: Decimal, available: Decimal) -> None:
        super().__init__(
            f"Only {available:f} of item {item} are available in warehouse {warehouse} and "
            f"{requested:f} were asked for: take fewer or receive stock first.",
            item=item,
            warehouse=warehouse,
            requested=requested,
            available=available,
            shortage=requested - available,
        )


class DatabaseBusy(Unavailable):
    """Another process held the database longer than we wait."""

    code = "database_busy"

    def __init__(self, waited_seconds: Decimal | int) -> None:
        super().__init__(
            f"The database was held by another program for {waited_seconds} seconds: "
            "nothing was saved, try again.",
            waited_seconds=waited_seconds,
        )


class DatabaseDamaged(Unavailable):
    """The database does not pass its own check, or is of a schema we do not know."""

    code = "database_damaged"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(
            f"The database {path} cannot be used, {problem}: "
            "restore the last backup with 'pos restore'.",
            path=path,
            problem=problem,
        )


class DiskFull(Unavailable):
    """There is no room to write durably."""

    code = "disk_full"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"There is no room left on the disk of {path}: free some space, nothing was saved.",
            path=path,
        )


class DeviceUnavailable(Unavailable):
    """A printer, fiscal device, drawer or scale does not answer."""

    code = "device_unavailable"

    def __init__(self, device: str, reason: str) -> None:
        super().__init__(
            f"The {device} cannot be used, {reason}: check its cable and power.",
            device=device,
            reason=reason,
        )


class RemoteUnavailable(Unavailable):
    """A server we depend on cannot be reached, and nothing was sent."""

    code = "remote_unavailable"

    def __init__(self, remote: str, reason: str) -> None:
        super().__init__(
            f"The {remote} cannot be reached, {reason}: the till goes on, it will be tried again.",
            remote=remote,
            reason=reason,
        )
