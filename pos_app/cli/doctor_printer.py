"""pos doctor --printer: one test paper, the question about it, and what the answer teaches."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer

if TYPE_CHECKING:
    from pos_app.printer_bench import PrinterBench
    from pos_app.services.printer_setup import Attempt, Choice
    from printing.trial import Trial

WHO = "doctor"
"""In whose name the audit has a drawer that was opened by the command."""

KINDS = ("ruler", "codepage", "qr", "cutter", "drawer")


def run(config: Path, kind: str, *, given: str | None, as_json: bool) -> None:
    """Print a test paper, or with an answer given take that answer about one printed before.

    Raises:
        PrinterSettingWrong: the answer says nothing, or the settings describe no printer.
        PrinterInUse, NoPaper: there is no paper to look at.
    """
    from pos_app.bootstrap import install
    from pos_app.printer_bench import PrinterBench
    from printing.trial import Trial

    installation = install(config, role="till")
    try:
        bench = PrinterBench(installation.shop, config)
        _try(bench, Trial(kind), given=given, as_json=as_json)
    finally:
        installation.close()


def _try(bench: PrinterBench, kind: Trial, *, given: str | None, as_json: bool) -> None:
    from pos_app.services import printer_setup
    from printing import trial

    choice, asked = bench.current(), trial.question(kind)
    if given is not None:
        _learn(bench, choice, kind, given, as_json=as_json)
        return
    if kind is trial.Trial.DRAWER and sys.stdin.isatty() and not as_json:
        click.prompt("Close the drawer, then press Enter", default="", show_default=False)
    seen = bench.attempt(choice, kind, by=WHO)
    if not seen.is_out:
        raise printer_setup.NoPaper(seen.sentence)
    if as_json:
        answer.write(
            {
                "trial": kind.value,
                "sentence": seen.sentence,
                "open_level": seen.open_level,
                "question": asked.text,
                "answers": asked.answers,
            }
        )
        return
    answer.say(seen.sentence)
    if not sys.stdin.isatty():
        answer.say(f"{asked.text} Answer with --answer: {asked.answers}.")
        return
    _ask(bench, choice, kind, seen)


def _ask(bench: PrinterBench, choice: Choice, kind: Trial, seen: Attempt) -> None:
    """Ask until the answer says something, then until it is known whether to write it down."""
    from pos_app.services import printer_setup
    from printing import trial

    asked = trial.question(kind)
    while True:
        typed = click.prompt(f"{asked.text} ({asked.answers})", default="", show_default=False)
        try:
            learnt = printer_setup.taught(choice, kind, typed, seen)
            break
        except printer_setup.PrinterSettingWrong as error:
            answer.say(error.sentence)
    lines = printer_setup.differences(choice, learnt)
    if not lines:
        answer.say("The settings are right as they are.")
        return
    answer.say(*lines)
    if click.confirm("Write this into the settings?", default=True):
        _save(bench, learnt)


def _learn(bench: PrinterBench, choice: Choice, kind: Trial, given: str, *, as_json: bool) -> None:
    from pos_app.services import printer_setup

    learnt = printer_setup.taught(choice, kind, given)
    lines = printer_setup.differences(choice, learnt)
    if lines:
        bench.save(learnt)
    if as_json:
        changed: dict[str, Any] = {"changed": lines}
        answer.write(changed)
    elif lines:
        answer.say(*lines, "Written. The till follows it from its next start.")
    else:
        answer.say("The settings are right as they are.")


def _save(bench: PrinterBench, learnt: Choice) -> None:
    bench.save(learnt)
    answer.say("Written. The till follows it from its next start.")
