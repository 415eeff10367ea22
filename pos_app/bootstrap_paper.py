"""What is printed and shown, and on what: these settings in the shop's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pos_app.config import PaperKind, PrinterPlace, Settings
from pos_app.domain.drawer import DrawerCause
from pos_app.errors import ConfigInvalid
from pos_app.services.shop import (
    DisplayRules,
    DrawerRules,
    KindRules,
    LabelRules,
    OfficeRules,
    PaperRules,
    PrinterRules,
)
from printing import address
from printing.display import Commands, DisplayProfile
from printing.dress import ORDER_SLIP, PAGES, PARTS, RECEIPTS
from printing.errors import PrintingError, UnknownLanguage
from printing.label import LabelMedia
from printing.office import FILE
from printing.profile import PROFILES as PRINTER_PROFILES
from printing.profile import adapted
from printing.words import Words, edited, words_in

LETTER_DOTS = 12
"""How wide a letter of a receipt printer's normal font is."""


def drawer_rules(settings: Settings) -> DrawerRules:
    """The drawer."""
    return DrawerRules(
        causes=frozenset(DrawerCause(cause) for cause in settings.drawer.opens_on),
        open_level={"": None, "high": True, "low": False}[settings.drawer.open_level],
    )


def office_rules(settings: Settings, folder: Path = Path()) -> OfficeRules | None:
    """The office printer, None where there is none.

    Raises:
        ConfigInvalid: it is named in more than one way, its address cannot be understood, or its
            command does not say where the file belongs.
    """
    wanted = settings.office
    ways = [name for name in ("url", "command", "folder") if getattr(wanted, name)]
    if not ways:
        return None
    if len(ways) > 1:
        raise ConfigInvalid(
            "the config", f"office.{ways[1]}", f"is one way too many, {ways[0]} is set"
        )
    if wanted.command and not any(FILE in part for part in wanted.command[1:]):
        raise ConfigInvalid(
            "the config", "office.command", f"does not say {FILE} where the file belongs"
        )
    try:
        if wanted.url:
            address.parse(wanted.url, PRINTER_PROFILES["80mm"])
    except PrintingError as error:
        raise ConfigInvalid("the config", "office.url", f"is wrong: {error}") from error
    return OfficeRules(
        url=wanted.url,
        command=wanted.command,
        folder=folder / wanted.folder if wanted.folder else None,
        seconds=wanted.seconds,
    )


def display_rules(settings: Settings) -> DisplayRules | None:
    """The customer's display, None where there is none.

    Raises:
        ConfigInvalid: its address or its codec does not exist.
    """
    wanted = settings.display
    try:
        profile = DisplayProfile(
            commands=Commands(wanted.profile), code_page=wanted.code_page, codec=wanted.codec
        )
    except PrintingError as error:
        raise ConfigInvalid("the config", "display.codec", f"is wrong: {error}") from error
    if not wanted.url:
        return None
    try:
        address.parse(wanted.url, PRINTER_PROFILES["80mm"])
    except PrintingError as error:
        raise ConfigInvalid("the config", "display.url", f"is wrong: {error}") from error
    return DisplayRules(url=wanted.url, profile=profile, greeting=wanted.greeting)


def label_rules(settings: Settings) -> LabelRules | None:
    """The label printer, None where there is none.

    Raises:
        ConfigInvalid: its address or a field of its profile does not exist.
    """
    wanted = settings.label
    media = LabelMedia(width_mm=wanted.width_mm, height_mm=wanted.height_mm, dpi=wanted.dpi)
    letters = {"columns": media.width // LETTER_DOTS, "dots": media.width}
    try:
        profile = adapted(PRINTER_PROFILES["80mm"], letters | wanted.settings)
    except PrintingError as error:
        raise ConfigInvalid("the config", "label.settings", f"is wrong: {error}") from error
    if not wanted.url:
        return None
    try:
        way = address.parse(wanted.url, profile).way
    except PrintingError as error:
        raise ConfigInvalid("the config", "label.url", f"is wrong: {error}") from error
    answers = wanted.answers and way not in {address.Way.FILE, address.Way.MEMORY}
    roll = replace(profile, answers=answers) if wanted.profile == "escpos" else None
    return LabelRules(url=wanted.url, media=media, roll=roll, answers=answers)


def paper_rules(settings: Settings, folder: Path) -> PaperRules:
    """How papers look.

    Raises:
        ConfigInvalid: a text or a language does not exist, or a text that the law wants is empty.
    """
    wanted = settings.paper
    return PaperRules(
        words=_words(settings),
        is_compact=wanted.layout == "compact",
        kinds=_kinds(settings),
        logo=wanted.logo or None,
        logo_file=folder / wanted.logo_file if wanted.logo_file else None,
        font=folder / wanted.font if wanted.font else None,
        font_bold=folder / wanted.font_bold if wanted.font_bold else None,
        folder=folder / wanted.folder,
    )


def _kinds(settings: Settings) -> Mapping[str, KindRules]:
    """Every kind of paper: receipts carry the shop's lines and logo, the others what they are told.

    Raises:
        ConfigInvalid: a kind, or a part to leave out, does not exist.
    """
    wanted, made = settings.paper, {}
    for kind in wanted.kinds:
        if kind not in PARTS:
            problem = f"is no kind of paper; there are {', '.join(PARTS)}"
            raise ConfigInvalid("the config", f"paper.kinds.{kind}", problem)
    for kind, parts in PARTS.items():
        told = wanted.kinds.get(kind, PaperKind())
        for part in told.leave_out:
            if part not in parts:
                offered = f"it has {', '.join(parts)}" if parts else "it has none to leave out"
                problem = f"names no part of this paper: {part} ({offered})"
                raise ConfigInvalid("the config", f"paper.kinds.{kind}.leave_out", problem)
        is_receipt = kind in RECEIPTS
        made[kind] = KindRules(
            header=_lines(told.header, wanted.header if is_receipt else ()),
            footer=_lines(told.footer, wanted.footer if is_receipt else ()),
            leave_out=frozenset(told.leave_out),
            has_logo=(is_receipt or kind in PAGES) if told.with_logo is None else told.with_logo,
            is_page=kind in PAGES and told.form != "roll",
            goes_to=_goes_to(settings, kind, told),
        )
    return made


def _goes_to(settings: Settings, kind: str, told: PaperKind) -> frozenset[str]:
    """Where papers of a kind go by themselves: receipts when filed, order slips when parked."""
    if told.goes_to is None:
        return frozenset({"printer"} if kind in RECEIPTS else ())
    key = f"paper.kinds.{kind}.goes_to"
    if kind not in (*RECEIPTS, ORDER_SLIP):
        by_themselves = ", ".join((*RECEIPTS, ORDER_SLIP))
        raise ConfigInvalid("the config", key, f"is for {by_themselves} only")
    if "office" in told.goes_to and office_rules(settings) is None:
        raise ConfigInvalid("the config", key, "needs an office printer under [office]")
    return frozenset(told.goes_to)


def _lines(told: tuple[str, ...] | None, usual: tuple[str, ...]) -> tuple[str, ...]:
    return usual if told is None else told


def _words(settings: Settings) -> Words:
    wanted = settings.paper
    try:
        return edited(words_in(wanted.language), wanted.texts)
    except PrintingError as error:
        key = "paper.language" if isinstance(error, UnknownLanguage) else "paper.texts"
        raise ConfigInvalid("the config", key, f"is wrong: {error}") from error


def printer_rules(settings: Settings) -> tuple[PrinterRules, ...]:
    """The printers that have an address, the till's own first.

    Raises:
        ConfigInvalid: a profile, a field of one or an address does not exist, even of no printer.
    """
    wanted = settings.printer
    own = _printer(wanted, "printer")
    other = _printer(wanted.fallback, "printer.fallback")
    if other.url and not own.url:
        raise ConfigInvalid("the config", "printer.fallback.url", "needs a printer.url before it")
    if other.url == own.url != "":
        raise ConfigInvalid("the config", "printer.fallback.url", "is the printer's own address")
    return tuple(printer for printer in (own, other) if printer.url)


def _printer(wanted: PrinterPlace, key: str) -> PrinterRules:
    if wanted.profile not in PRINTER_PROFILES:
        known = ", ".join(PRINTER_PROFILES)
        problem = f"names no profile: {wanted.profile} (there are {known})"
        raise ConfigInvalid("the config", f"{key}.profile", problem)
    try:
        profile = adapted(PRINTER_PROFILES[wanted.profile], wanted.settings)
    except PrintingError as error:
        raise ConfigInvalid("the config", f"{key}.settings", f"is wrong: {error}") from error
    try:
        if wanted.url:
            address.parse(wanted.url, profile)
    except PrintingError as error:
        raise ConfigInvalid("the config", f"{key}.url", f"is wrong: {error}") from error
    return PrinterRules(url=wanted.url, profile=profile)
