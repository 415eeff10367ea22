"""Test papers that show what a printer really does, and what an answer about one means.

A profile is a guess until somebody has looked: widths, code pages, QR codes and knives of clones
differ from what their data sheets say. Each paper shows one property; the answer becomes a change
of the profile's settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from printing import codepages, escpos
from printing.document import Align, Block, Cut, Document, Feed, Qr, Rule, Text
from printing.errors import PrintingError
from printing.layouts.parts import heading
from printing.profile import Cutter, Profile, QrMode

WIDTHS: Mapping[int, tuple[int, int]] = {32: (384, 42), 42: (512, 56), 48: (576, 64)}
"""Columns of font A in use, each with its dots and its columns of font B."""

SAMPLE_LENGTH = 12
NATIVE_TEXT, RASTER_TEXT = "PRINTER TEST A", "PRINTER TEST B"
TEAR_LINES = 4
"""Lines from the print head to the tear bar of printers without a knife."""


class Trial(StrEnum):
    """What a paper puts to the test."""

    RULER = "ruler"
    CODEPAGE = "codepage"
    QR = "qr"
    CUTTER = "cutter"
    DRAWER = "drawer"


class AnswerUnclear(PrintingError):
    """An answer about a test paper that says nothing about it; the sentence says what would."""

    code = "answer_unclear"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"That is no answer to this question: type {wanted}.")


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask when the paper is printed, and the answers that can be given."""

    text: str
    answers: str


def question(trial: Trial) -> Question:
    """What is asked about a paper."""
    return _QUESTIONS[trial]


def job(trial: Trial, profile: Profile) -> bytes:
    """The bytes of a test paper, whole, as `printing.printer.Printer` takes them."""
    return _JOBS[trial](profile)


def learn(trial: Trial, profile: Profile, answer: str) -> dict[str, Any]:
    """The settings that an answer changes, as `printing.profile.adapted` takes them.

    Args:
        trial: the paper that was looked at.
        profile: with which it was printed.
        answer: as it was typed.

    Raises:
        AnswerUnclear: the answer is none of those that can be given.
    """
    return _LEARNT[trial](profile, answer.strip().lower())


def pages_shown(profile: Profile) -> list[tuple[int, str, str]]:
    """Number, codec and letters of each code page that no page before it has."""
    shown: list[tuple[int, str, str]] = []
    seen: set[str] = set()
    for number, codec in profile.code_pages:
        letters = [
            letter
            for letter in bytes(range(codepages.HIGH, 256)).decode(codec, "ignore")
            if letter.isprintable() and codepages.locate(letter, profile.code_pages) is not None
        ]
        new = [letter for letter in letters if letter not in seen]
        seen.update(letters)
        best = sorted(new, key=lambda letter: not letter.isalpha())[:SAMPLE_LENGTH]
        shown.append((number, codec, "".join(best)))
    return shown


def _paper(title: str, width: int, *blocks: Block, ends: bool = True) -> Document:
    top = (heading(title, width), Rule())
    end = (Feed(2), Cut()) if ends else ()
    return Document((*top, *blocks, *end), title, "en", width)


def _ruler(profile: Profile) -> bytes:
    """Lines as wide as the widths in use; those too wide are broken by the printer itself."""
    widest = max(WIDTHS)
    loose = replace(profile, columns=widest, columns_b=WIDTHS[widest][1], dots=WIDTHS[widest][0])
    narrow = min(WIDTHS)
    lines = [Text(ruler_line(width)) for width in WIDTHS]
    explained = Text(f"{'The last line that is not broken':<{narrow}}")
    more = Text("ends with the width of the paper.")
    paper = _paper("RULER", narrow, explained, more, ends=False)
    rulers = Document((*lines, Feed(2), Cut()), "RULER", "en", widest)
    return _joined(escpos.encode(paper, loose), escpos.encode(rulers, loose))


def ruler_line(width: int) -> str:
    """A scale that is exactly so many characters wide and ends in its own number."""
    scale = "".join(
        str(at // 10 % 10) if at % 10 == 0 else "+" if at % 5 == 0 else "-"
        for at in range(1, width + 1)
    )
    mark = f" {width}|"
    return scale[: width - len(mark)] + mark


def _codepage(profile: Profile) -> bytes:
    rows = [Text(f"{number:>3} {letters}") for number, _, letters in pages_shown(profile)]
    names = Text("Müller, São Tomé, Łódź, Ελένη, Анна, €")
    return escpos.encode(_paper("CODE PAGES", profile.width, *rows, Rule(), names), profile)


def _qr(profile: Profile) -> bytes:
    first = _paper("QR CODES", profile.width, Text("A", Align.CENTRE), Qr(NATIVE_TEXT), ends=False)
    blocks = (Feed(), Rule(), Text("B", Align.CENTRE), Qr(RASTER_TEXT), Feed(2), Cut())
    second = Document(blocks, "QR CODES", "en", profile.width)
    native, raster = replace(profile, qr=QrMode.NATIVE), replace(profile, qr=QrMode.RASTER)
    return _joined(escpos.encode(first, native), escpos.encode(second, raster))


def _cutter(profile: Profile) -> bytes:
    sharp = (
        profile if profile.cutter is not Cutter.NONE else replace(profile, cutter=Cutter.PARTIAL)
    )
    return escpos.encode(
        _paper("CUTTER", profile.width, Text("The knife cuts below this line.")), sharp
    )


def _drawer(profile: Profile) -> bytes:
    paper = _paper("DRAWER", profile.width, Text("The drawer opens with this paper."))
    return escpos.pulse(profile) + escpos.encode(paper, profile)


def _joined(first: bytes, second: bytes) -> bytes:
    """Two jobs as one: only the first may reset, or some printers eject what it has printed."""
    return first + second.removeprefix(escpos.RESET)


def _learn_ruler(profile: Profile, answer: str) -> dict[str, Any]:
    width = int(answer) if answer.isascii() and answer.isdigit() else 0
    if width not in WIDTHS:
        raise AnswerUnclear(_QUESTIONS[Trial.RULER].answers)
    dots, columns_b = WIDTHS[width]
    if width == profile.columns:
        return {}
    return {"columns": width, "columns_b": columns_b, "dots": dots}


def _learn_codepage(profile: Profile, answer: str) -> dict[str, Any]:
    """Without the pages whose lines cannot be read, in the order they had."""
    words = answer.replace(",", " ").split()
    known = {str(number) for number, _ in profile.code_pages}
    kept = {str(number): codec for number, codec in profile.code_pages if str(number) not in words}
    if set(words) - known or not kept:
        raise AnswerUnclear(_QUESTIONS[Trial.CODEPAGE].answers)
    return {"code_pages": kept} if len(kept) < len(profile.code_pages) else {}


def _learn_qr(profile: Profile, answer: str) -> dict[str, Any]:
    modes = {"a": QrMode.NATIVE, "both": QrMode.NATIVE, "b": QrMode.RASTER, "none": QrMode.RASTER}
    if answer not in modes:
        raise AnswerUnclear(_QUESTIONS[Trial.QR].answers)
    return {"qr": modes[answer].value} if modes[answer] is not profile.qr else {}


def _learn_cutter(profile: Profile, answer: str) -> dict[str, Any]:
    has_knife = _yes(answer, Trial.CUTTER)
    if has_knife is (profile.cutter is not Cutter.NONE):
        return {}
    if has_knife:
        return {"cutter": Cutter.PARTIAL.value, "feed_lines": 0}
    return {"cutter": Cutter.NONE.value, "feed_lines": profile.feed_lines or TEAR_LINES}


def _learn_drawer(profile: Profile, answer: str) -> dict[str, Any]:
    """A drawer that stays shut may hang on the other pin; the next pulse goes there."""
    if _yes(answer, Trial.DRAWER):
        return {}
    return {"drawer_pin": 0 if profile.drawer_pin else 1}


def _yes(answer: str, trial: Trial) -> bool:
    if answer not in {"y", "yes", "n", "no"}:
        raise AnswerUnclear(_QUESTIONS[trial].answers)
    return answer.startswith("y")


_JOBS = {
    Trial.RULER: _ruler,
    Trial.CODEPAGE: _codepage,
    Trial.QR: _qr,
    Trial.CUTTER: _cutter,
    Trial.DRAWER: _drawer,
}
_LEARNT = {
    Trial.RULER: _learn_ruler,
    Trial.CODEPAGE: _learn_codepage,
    Trial.QR: _learn_qr,
    Trial.CUTTER: _learn_cutter,
    Trial.DRAWER: _learn_drawer,
}
_QUESTIONS = {
    Trial.RULER: Question(
        "What number ends the last line that is not broken?",
        " or ".join(str(width) for width in WIDTHS),
    ),
    Trial.CODEPAGE: Question(
        "Which lines cannot be read? Nothing when all can.",
        "the numbers before those lines, or nothing; one line at least has to stay",
    ),
    Trial.QR: Question("Which code can a telephone read?", "a, b, both or none"),
    Trial.CUTTER: Question("Was the paper cut?", "y or n"),
    Trial.DRAWER: Question("Did the drawer open?", "y or n"),
}
