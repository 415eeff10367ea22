"""pos label: the labels that are due, printed, confirmed once they are on the shelf."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, garbage, option
from pos_app.errors import MalformedInput, OutcomeUnknown, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pos_app.bootstrap import Installation
    from pos_app.domain.permission import Actor
    from pos_app.services.label.queue import Label

_who = option.together(
    [
        option.config,
        click.option("--user", required=True, help="Who does it."),
        click.option("--pin", required=True, help="Their PIN.", envvar="POS_PIN"),
        option.as_json,
    ]
)
CAUSE = click.option(
    "--cause",
    type=click.Choice(["price", "new", "text"]),
    help="Only labels whose price, or whose text, has changed, or of goods that are new.",
)
ITEMS = click.argument("items", nargs=-1)
ALL = click.option("--all", "every", is_flag=True, help="All of them, instead of named items.")
Answer = dict[str, Any]
PATIENCE = 6.0
"""Seconds without a label printed after which the command gives back; the labels stay asked for."""
POLL_SECONDS = 0.25


class LabelsWait(Unavailable):
    """The label printer does not take them now."""

    code = "labels_wait"

    def __init__(self, count: int, problem: str) -> None:
        super().__init__(
            f"{count} labels wait for the label printer: {problem or 'another program holds it.'} "
            "They stay asked for; `pos label print` goes on with them.",
            waiting=count,
        )


class LabelsUnsure(OutcomeUnknown):
    """Nobody knows whether some came out."""

    code = "labels_unsure"

    def __init__(self, items: Sequence[str]) -> None:
        super().__init__(
            f"Nobody knows whether the labels of {', '.join(items)} came out: look, then "
            "`pos label confirm` those that did and `pos label print` the others again.",
            items=list(items),
        )


@click.group("label")
def command() -> None:
    """List, print and confirm labels of goods whose price, name or barcode has changed."""


@command.command("list")
@_who
@CAUSE
def list_(config: Path, **given: Any) -> None:
    """Show what the shelves have to follow: what they show, and what the books say now."""

    def run(installation: Installation, actor: Actor) -> Answer:
        return {"labels": [_row(row) for row in _due(installation, actor, given["cause"])]}

    _run(config, given, run, _lines)


@command.command("print")
@_who
@CAUSE
@ITEMS
@ALL
@click.option("--copies", default=1, type=click.IntRange(1, 99), show_default=True)
@click.option("--weight", help="Of one weighed pack, such as 0.555; its barcode carries it.")
def print_(config: Path, **given: Any) -> None:
    """Print the labels of ITEMS, or all that are due; what was asked for before goes on.

    An item that is not due gets a label by hand. Exit codes: 0 printed, 4 unsure, 5 they wait.
    """
    from pos_app.domain.label import MAY_BE_ASKED
    from pos_app.services.label import queue

    def run(installation: Installation, actor: Actor) -> Answer:
        shop, wanted = installation.shop, list(given["items"])
        weight = _weight(given["weight"], wanted)
        rows = [] if weight else _chosen(installation, actor, given, may_be_none=True)
        due = {row.item for row in rows}
        asked = [row.id for row in rows if row.state in MAY_BE_ASKED]
        if asked:
            queue.ask(shop, actor, asked, copies=given["copies"])
        for code in wanted:
            if code not in due:
                queue.by_hand(shop, actor, code, copies=given["copies"], weight=weight)
        return _printed(installation, actor)

    _run(config, given, run, lambda told: [f"{told['printed']} labels were printed."])


@command.command("confirm")
@_who
@CAUSE
@ITEMS
@ALL
def confirm(config: Path, **given: Any) -> None:
    """Say that the printed labels of ITEMS, or all of them, are on the shelf."""
    from pos_app.domain.label import MAY_BE_CONFIRMED
    from pos_app.services.label import queue

    def run(installation: Installation, actor: Actor) -> Answer:
        rows = _chosen(installation, actor, given)
        ids = [row.id for row in rows if given["items"] or row.state in MAY_BE_CONFIRMED]
        return {"confirmed": queue.confirm(installation.shop, actor, ids) if ids else 0}

    _run(config, given, run, lambda told: [f"{told['confirmed']} labels are on the shelf."])


@command.command("cancel")
@_who
@CAUSE
@ITEMS
@ALL
@click.option("--reason", required=True, help="Why no such label is needed.")
def cancel(config: Path, **given: Any) -> None:
    """Say that ITEMS need no label; their shelves count as right."""
    from pos_app.services.label import queue

    def run(installation: Installation, actor: Actor) -> Answer:
        ids = [row.id for row in _chosen(installation, actor, given)]
        return {"cancelled": queue.cancel(installation.shop, actor, ids, reason=given["reason"])}

    _run(config, given, run, lambda told: [f"{told['cancelled']} labels were cancelled."])


def _due(installation: Installation, actor: Actor, cause: str | None) -> list[Label]:
    from pos_app.services.label import queue

    queue.refresh(installation.shop)
    rows = queue.due(installation.shop, actor)
    return [row for row in rows if cause is None or row.cause == cause]


def _chosen(
    installation: Installation, actor: Actor, given: Answer, *, may_be_none: bool = False
) -> list[Label]:
    wanted = given["items"]
    if bool(wanted) == given["every"] and not (may_be_none and not wanted):
        raise MalformedInput("The request", "needs item codes, or --all")
    rows = _due(installation, actor, given["cause"])
    if given["every"]:
        return rows
    found = [row for row in rows if row.item in wanted]
    missing = set(wanted) - {row.item for row in found}
    if missing and not may_be_none:
        problem = f"names items without a label that is due ({', '.join(sorted(missing))})"
        raise MalformedInput("The request", problem)
    return found


def _weight(text: str | None, wanted: Sequence[str]) -> Decimal | None:
    if text is None:
        return None
    if len(wanted) != 1:
        raise MalformedInput("The request", "weighs one item: name just that one")
    try:
        weight = Decimal(text)
    except ArithmeticError as error:
        raise MalformedInput("The weight", f"is not a number: {text[:20]}") from error
    if not weight.is_finite():
        raise MalformedInput("The weight", f"is not a number: {text[:20]}")
    return weight


def _printed(installation: Installation, actor: Actor) -> Answer:
    """Work, or watch the holder of the printer work, and say what became of it."""
    from pos_app.services.label import queue

    before = _states(queue.due(installation.shop, actor))
    left, patience, problem = before.asked, PATIENCE, ""
    while left and patience > 0:
        worked = installation.devices.work_labels()
        problem = worked.problem or problem
        now = _states(queue.due(installation.shop, actor)).asked
        if now == left:
            installation.shop.clock.sleep(POLL_SECONDS)
            patience -= POLL_SECONDS
            continue
        left, patience = now, PATIENCE
        answer.say(f"{before.asked - left} of {before.asked}", err=True)
    after = _states(queue.due(installation.shop, actor))
    if after.unsure:
        raise LabelsUnsure(after.unsure)
    if after.asked:
        raise LabelsWait(after.asked, problem)
    return {"printed": before.asked}


@dataclass(frozen=True, slots=True)
class _States:
    """How many labels wait, and the items of those nobody can vouch for."""

    asked: int
    unsure: tuple[str, ...]


def _states(rows: Sequence[Label]) -> _States:
    asked = sum(row.state in {"asked", "sent"} for row in rows)
    return _States(asked, tuple(row.item for row in rows if row.state == "unsure"))


def _row(row: Label) -> Answer:
    return {
        "item": row.item,
        "name": row.now.name,
        "cause": row.cause.value,
        "state": row.state.value,
        "was": None if row.was is None else dict(row.was.prices),
        "now": dict(row.now.prices),
        "copies": row.copies,
        "since": row.due_at.isoformat(),
        "problem": row.problem,
    }


def _lines(told: Answer) -> list[str]:
    if not told["labels"]:
        return ["No label is due: every shelf shows what the books say."]
    return [
        f"{row['item']:<16} {row['state']:<8} {row['cause']:<6} "
        f"{_prices(row['was']):>24} -> {_prices(row['now']):<24} {row['name']}  {row['problem']}"
        for row in told["labels"]
    ]


def _prices(prices: dict[str, str] | None) -> str:
    return ", ".join(f"{amount} {code}" for code, amount in sorted((prices or {}).items())) or "-"


@garbage.left_lying()
def _run(
    config: Path,
    given: Answer,
    run: Callable[[Installation, Actor], Answer],
    lines: Callable[[Answer], list[str]],
) -> None:
    from pos_app.bootstrap import install
    from pos_app.services import sign_in

    with answer.errors_if(click.get_current_context(), as_json=given["as_json"]):
        installation = install(config)
        try:
            actor = sign_in.with_pin(installation.shop, given["user"], given["pin"])
            result = run(installation, actor)
        finally:
            installation.close()
    if given["as_json"]:
        answer.write(result)
    else:
        answer.say(*lines(result))
