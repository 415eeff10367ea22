"""pos fiscal: the fiscal day and the receipts in trouble, without a screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, fiscal_words, option
from pos_app.errors import OutcomeUnknown, RuleBroken, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from pos_app.bootstrap import Installation
    from pos_app.domain.permission import Actor
    from pos_app.services.fiscal_step import DayStep

_who = option.together(
    [
        option.config,
        click.option("--user", required=True, help="Who does it."),
        click.option("--pin", required=True, help="Their PIN.", envvar="POS_PIN"),
        option.as_json,
    ]
)
REASON = click.option("--reason", default="", help="Why; it is audited.")


class DayStepRefused(RuleBroken):
    """The device did not do what was wanted of the fiscal day."""

    code = "fiscal_step_refused"

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(f"The fiscal day did not {kind}. {problem}", kind=kind, problem=problem)


class DayStepUnknown(OutcomeUnknown):
    """The device was told and has not answered; it is asked on."""

    code = "fiscal_step_unknown"

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(
            f"The device was told to {kind} the fiscal day and has not said that it did: "
            f"do not repeat it, the till keeps reading the day. {problem}",
            kind=kind,
            problem=problem,
        )


class DayStepWaiting(Unavailable):
    """The device could not be told yet."""

    code = "fiscal_step_waiting"

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(
            f"The device could not be told to {kind} the fiscal day yet: the till goes on trying, "
            f"'pos fiscal cancel' takes it back. {problem}",
            kind=kind,
            problem=problem,
        )


@click.group("fiscal")
def command() -> None:
    """Show, open, close and settle the fiscal day and its receipts."""


@command.command("status")
@option.config
@option.as_json
def status(config: Path, *, as_json: bool) -> None:
    """Show device, day, time left, what waits, and what somebody has to look at."""
    from pos_app.bootstrap import install
    from pos_app.services import fiscal_settle, fiscal_standing

    installation = install(config, role="till")
    try:
        standing = fiscal_standing.standing(installation.shop)
        troubles = fiscal_settle.troubles(installation.shop)
        found = fiscal_settle.found(installation.shop)
    finally:
        installation.close()
    data = fiscal_words.standing(standing, troubles, found)
    if as_json:
        answer.write(data)
    else:
        answer.say(*fiscal_words.lines(data))


@command.command("open")
@_who
@REASON
def open_(config: Path, **given: Any) -> None:
    """Open the fiscal day."""
    from pos_app.services import fiscal_day

    _run(
        config,
        given,
        lambda till, actor: _step(
            till, fiscal_day.open_day(till.shop, actor, reason=given["reason"])
        ),
    )


@command.command("close")
@_who
@REASON
def close(config: Path, **given: Any) -> None:
    """Close the fiscal day and show its Z report beside our own figures."""
    from pos_app.services import fiscal_day

    def run(till: Installation, actor: Actor) -> dict[str, Any]:
        done = _step(till, fiscal_day.close_day(till.shop, actor, reason=given["reason"]))
        return done | fiscal_words.day(fiscal_day.z(till.shop, actor, done["fiscal_day"]))

    _run(config, given, run)


@command.command("cancel")
@_who
@click.option("--reason", required=True, help="Why; it is audited.")
def cancel(config: Path, **given: Any) -> None:
    """Take back an opening or closing the device has not been told yet."""
    from pos_app.services import fiscal_day

    def run(till: Installation, actor: Actor) -> dict[str, Any]:
        fiscal_day.cancel(till.shop, actor, reason=given["reason"])
        step = fiscal_day.standing(till.shop).step
        return {} if step is None else fiscal_words.step(step)

    _run(config, given, run)


@command.command("x")
@_who
def x(config: Path, **given: Any) -> None:
    """Show the open day's figures from our own journal; the device is not asked."""
    from pos_app.services import fiscal_day

    _run(config, given, lambda till, actor: fiscal_words.day(fiscal_day.x(till.shop, actor)))


@command.command("z")
@_who
@click.option("--day", type=click.IntRange(1), help="Which fiscal day; the last one closed.")
@click.option("--sign", default="", help="Put your name and this note to the day.")
def z(config: Path, **given: Any) -> None:
    """Show a closed day: the device's Z, our figures, and every difference."""
    from pos_app.services import fiscal_day

    def run(till: Installation, actor: Actor) -> dict[str, Any]:
        shown = fiscal_day.z(till.shop, actor, given["day"])
        if given["sign"]:
            shown = fiscal_day.sign(till.shop, actor, shown.fiscal_day, note=given["sign"])
        return fiscal_words.day(shown)

    _run(config, given, run)


DEEDS = ("look_again", "adopt", "send_again", "write_off")


@command.command("settle")
@_who
@click.argument("receipt")
@click.argument("deed", type=click.Choice(DEEDS))
@REASON
@click.option("--correction", default="", help="write_off: the receipt that takes its place.")
@click.option("--approver", default="", help="adopt: who approves it; somebody else.")
@click.option("--approver-pin", default="", envvar="POS_APPROVER_PIN", help="Their PIN.")
def settle(config: Path, **given: Any) -> None:
    """Do something about RECEIPT, which is unknown, refused or disputed."""
    from pos_app.services import fiscal_settle, receipt, sign_in

    def run(till: Installation, actor: Actor) -> dict[str, Any]:
        shop, number, reason = till.shop, given["receipt"], given["reason"]
        if given["deed"] == "adopt":
            approver = sign_in.with_pin(shop, given["approver"], given["approver_pin"])
            fiscal_settle.adopt(shop, actor, number, reason=reason, approver=approver)
        elif given["deed"] == "write_off":
            words = given["correction"]
            fiscal_settle.write_off(shop, actor, number, correction=words, reason=reason)
        elif given["deed"] == "send_again":
            fiscal_settle.send_again(shop, actor, number, reason=reason)
        else:
            fiscal_settle.look_again(shop, actor, number, reason=reason)
        till.devices.work_fiscal()
        lamps = receipt.show(shop, number).row.lamps.as_words()
        return {"receipt": number, "deed": given["deed"], "fiscalised": lamps["fiscalised"]}

    _run(config, given, run)


@command.command("accept")
@_who
@click.option("--found", default="", help="A receipt of the device without a sale here.")
@click.option("--reason", required=True, help="What it is; it is audited.")
def accept(config: Path, **given: Any) -> None:
    """Go on with the device as it stands, or note what is known of one receipt found on it."""
    from pos_app.services import fiscal_settle, fiscal_standing

    def run(till: Installation, actor: Actor) -> dict[str, Any]:
        if given["found"]:
            fiscal_settle.accept_found(till.shop, actor, given["found"], reason=given["reason"])
        else:
            fiscal_settle.accept_device(till.shop, actor, reason=given["reason"])
            till.devices.work_fiscal()
        now = fiscal_standing.standing(till.shop)
        return {"readiness": now.readiness.value, "stop": now.stop, "found": now.found}

    _run(config, given, run)


def _step(till: Installation, asked: DayStep) -> dict[str, Any]:
    """Let the device do it, and tell how it ended.

    Raises:
        DayStepRefused, DayStepUnknown, DayStepWaiting: it is not done.
    """
    step = till.devices.settle_day(asked.id)
    told = fiscal_words.step(step)
    if step.state.value == "done":
        return told
    errors = {"refused": DayStepRefused, "sent": DayStepUnknown}
    raise errors.get(step.state.value, DayStepWaiting)(step.kind.value, step.problem)


def _run(
    config: Path,
    given: dict[str, Any],
    run: Callable[[Installation, Actor], dict[str, Any]],
) -> None:
    from pos_app.bootstrap import install
    from pos_app.services import sign_in

    with answer.errors_if(click.get_current_context(), as_json=given["as_json"]):
        installation = install(config, role="till")
        try:
            actor = sign_in.with_pin(installation.shop, given["user"], given["pin"])
            result = run(installation, actor)
        finally:
            installation.close()
    if given["as_json"]:
        answer.write(result)
    else:
        answer.say(*fiscal_words.lines(result))
