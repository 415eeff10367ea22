"""Setting a printer up: try it with test papers, and learn its settings from the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from pos_app.clock import Clock
from pos_app.errors import InvalidInput, Unavailable
from pos_app.services.shop import PrinterRules
from printing import address, trial
from printing.errors import PrintingError
from printing.outcome import Outcome, OutcomeKind
from printing.profile import adapted, profile_named
from printing.status import PrinterStatus
from printing.trial import Trial

DRAWER_SECONDS = 0.5
"""How long a drawer takes to spring open."""


class PrinterSettingWrong(InvalidInput):
    """An address, a profile, a setting or an answer that does not fit a printer."""

    code = "printer_setting_wrong"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class PrinterInUse(Unavailable):
    """The till does not let go of its printer."""

    code = "printer_in_use"

    def __init__(self) -> None:
        super().__init__("The till is printing: wait until its papers are out, then try again.")


class NoPaper(Unavailable):
    """Not one byte of a test paper went out; the sentence says why."""

    code = "no_paper"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class Printer(Protocol):
    """What trying needs of `printing.printer.Printer`."""

    def print(self, job: bytes, job_id: str) -> Outcome:
        """Print one job once and say how sure it is."""
        ...

    def status(self) -> PrinterStatus:
        """What the printer says of itself."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A printer as the settings name it.

    Attributes:
        settings: what differs from the profile.
        open_level: of pin 3 while the drawer stands open: ``high``, ``low``, or empty.
    """

    url: str = ""
    profile: str = "80mm"
    settings: Mapping[str, Any] = field(default_factory=dict)
    open_level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of one test paper.

    Attributes:
        is_out: whether there may be a paper to look at.
        sentence: how sure that is, or why there is none.
        open_level: the level of pin 3 after a pulse, where the pulse changed it; else empty.
    """

    is_out: bool
    sentence: str
    open_level: str = ""


def rules_of(choice: Choice) -> PrinterRules:
    """The printer that a choice describes.

    Raises:
        PrinterSettingWrong: its address can never work, or a profile or a setting does not exist.
    """
    if not choice.url.strip():
        raise PrinterSettingWrong("There is no address yet: choose where the printer is.")
    try:
        profile = adapted(profile_named(choice.profile), choice.settings)
        address.parse(choice.url, profile)
    except PrintingError as error:
        raise PrinterSettingWrong(str(error)) from error
    return PrinterRules(url=choice.url, profile=profile)


def attempt(
    printer: Printer, wanted: PrinterRules, kind: Trial, *, clock: Clock, job_id: str
) -> Attempt:
    """Print one test paper; for the drawer, look at its sensor before and after."""
    if kind is Trial.DRAWER and wanted.profile.drawer_pin is None:
        return Attempt(is_out=False, sentence="This profile has no drawer: set drawer_pin first.")
    before = printer.status().drawer_pin_high if kind is Trial.DRAWER else None
    outcome = printer.print(trial.job(kind, wanted.profile), job_id)
    level = ""
    if kind is Trial.DRAWER and outcome.may_be_on_paper:
        clock.sleep(DRAWER_SECONDS)
        level = _level(before, printer.status().drawer_pin_high)
    return Attempt(is_out=outcome.may_be_on_paper, sentence=_told(outcome), open_level=level)


def taught(choice: Choice, kind: Trial, answer: str, seen: Attempt | None = None) -> Choice:
    """The choice with what an answer about a test paper has taught.

    Raises:
        PrinterSettingWrong: the answer says nothing; the sentence says what would.
    """
    profile = rules_of(choice).profile
    try:
        changes = trial.learn(kind, profile, answer)
        adapted(profile, changes)
    except PrintingError as error:
        raise PrinterSettingWrong(str(error)) from error
    learnt = replace(choice, settings={**choice.settings, **changes})
    if kind is Trial.DRAWER and not changes and seen is not None and seen.open_level:
        return replace(learnt, open_level=seen.open_level)
    return learnt


def differences(before: Choice, after: Choice) -> list[str]:
    """What saving would change, one line each, as the settings file has it."""
    pairs: list[tuple[str, Any, Any]] = [
        ("printer.url", before.url, after.url),
        ("printer.profile", before.profile, after.profile),
        ("drawer.open_level", before.open_level, after.open_level),
    ]
    names = sorted({*before.settings, *after.settings})
    pairs += [
        (f"printer.settings.{name}", before.settings.get(name), after.settings.get(name))
        for name in names
    ]
    return [f"{name} = {_shown(new)}" for name, old, new in pairs if old != new]


def _shown(value: Any) -> str:
    """As a line of the settings file; nothing stands for what goes back to the profile."""
    if value is None:
        return "(as the profile has it)"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {inner}" for name, inner in value.items())
    return f'"{value}"' if isinstance(value, str) else str(value)


def _level(before: bool | None, after: bool | None) -> str:
    if before is None or after is None or before is after:
        return ""
    return "high" if after else "low"


def _told(outcome: Outcome) -> str:
    match outcome.kind:
        case OutcomeKind.CONFIRMED:
            return "The printer says that the test paper is printed."
        case OutcomeKind.PROBABLY:
            return "The printer took all of it and can say no more: look for the paper."
        case OutcomeKind.UNCONFIRMED:
            return f"Nothing proves that the test paper is printed. {outcome.reason}"
        case OutcomeKind.REFUSED:
            return str(outcome.reason)
