"""Take money through a customer's wallet: the number, the question, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import partial

from pos_app.domain import charge as rule
from pos_app.domain.money import Money
from pos_app.domain.prompt import Prompt, PromptState, PromptUnpaid, Question
from pos_app.domain.sale import Sale
from pos_app.domain.tender import Tender, TenderType
from pos_app.services.prompt import ask, use, view
from pos_app.tui.place import Place
from pos_app.tui.widgets.dialog import Ask, Choose, Confirm
from pos_app.tui.widgets.prompt import PromptDialog

MOST_OFFERS = 4
"""So many are offered at once, the oldest first, each to be taken or left by a digit."""


class Ending(StrEnum):
    """How asking ended without a tender."""

    BACK = "back"  # nobody was asked
    ALREADY = "already"  # the customer has paid, and the reference is to be typed
    WATCHED = "watched"  # it was left open


async def take(place: Place, sale: Sale, kind: TenderType, money: Money) -> Tender | Ending:
    """Ask a customer's wallet for a tender; the one that was paid, or how else it ended.

    Raises:
        PromptUnpaid: the customer did not pay.
        PosError: it cannot be asked so.
    """
    server = place.till.receipts()
    if server is None:
        return Ending.ALREADY
    phone = await _phone(place, kind, money)
    if isinstance(phone, Ending):
        return phone
    if not await _is_meant(place, sale):
        return Ending.BACK
    till = place.till
    actor = till.desk.require_actor()
    question = Question(sale_id=sale.id, kind=kind, money=money, phone=phone)
    intent = partial(ask.intend, till.shop, actor, question)
    prompt = await till.lanes.perform(f"prompt {sale.id}", intent)
    ended = await place.app.push_screen_wait(PromptDialog(till, server, prompt, kind))
    if ended is None or ended.is_open or ended.state is PromptState.REVIEW:
        place.tell(
            f"{kind.name} {money.label} is watched on: if the customer pays it shows here. "
            "Take another tender meanwhile.",
            kind="warning",
        )
        return Ending.WATCHED
    if ended.state is PromptState.UNPAID:
        raise PromptUnpaid(kind.name, money, ended.message or "the customer did not confirm")
    return view.tender_of(till.shop, ended)


async def choose(place: Place, offers: Sequence[Prompt]) -> Tender | None:
    """Which money that came is to be taken; None for none, or when it is left to a manager."""
    shop, offers = place.till.shop, offers[:MOST_OFFERS]
    options = [f"Take {described(shop.rules.tender_type(one.tender), one)}" for one in offers]
    leaves = [f"Leave {one.amount.label}, {one.reference[:30]}, to a manager" for one in offers]
    at = await place.app.push_screen_wait(Choose("Money that came", [*options, *leaves]))
    if at is None:
        return None
    if at < len(offers):
        return view.tender_of(shop, offers[at])
    left = offers[at - len(offers)]
    actor = place.till.desk.require_actor()
    await place.till.lanes.perform("leave", partial(use.leave, shop, actor, left.id))
    place.tell(f"{left.amount.label} is left to a manager, who serves the customer or pays back.")
    return None


async def may_leave(place: Place, sale: Sale, offers: Sequence[Prompt]) -> bool:
    """Whether money that came for this very sale is left on purpose, or there is none."""
    own = next((one for one in offers if one.sale_id == sale.id), None)
    if own is None:
        return True
    question = (
        f"{own.amount.label} came from the customer's wallet after all. Sell without it? "
        "A manager then gives it back."
    )
    dialog = Confirm("Money came", question, yes="sell without it", no="back, to take it")
    is_left: bool | None = await place.app.push_screen_wait(dialog)
    return bool(is_left)


def described(kind: TenderType, prompt: Prompt) -> str:
    """Whose money it is, in one line."""
    whose = f" of {prompt.phone}" if prompt.phone else ""
    return f"{kind.name} {prompt.amount.label}{whose}, {prompt.reference[:40]}"


async def _phone(place: Place, kind: TenderType, money: Money) -> str | Ending:
    """The customer's number, empty where none is needed."""
    if kind.gateway in ask.WITHOUT_PHONE:
        options = ["Show the customer where to pay", "The customer has paid already"]
        at = await place.app.push_screen_wait(Choose(f"{kind.name} {money.label}", options))
        return Ending.BACK if at is None else ("", Ending.ALREADY)[at]
    dialog = Ask(
        f"{kind.name} {money.label}",
        "The customer's number, such as 0771234567",
        read=_read_phone,
        explain="Enter alone: the customer has paid already, and you type the reference.",
    )
    typed: str | Ending | None = await place.app.push_screen_wait(dialog)
    return Ending.BACK if typed is None else typed


def _read_phone(text: str) -> str:
    return rule.phone_of(text) if text else Ending.ALREADY


async def _is_meant(place: Place, sale: Sale) -> bool:
    """Whether another question is meant while the customer may still pay the first."""
    till = place.till
    known = await till.lanes.ask(partial(view.for_sale, till.shop, sale.id))
    first = next((one for one in known if one.sale_id == sale.id), None)
    if first is None:
        return True
    said = "was paid" if first.is_offered else "is still open"
    question = (
        f"The first question of {first.amount.label} {said}: the customer may pay twice. "
        "Ask once more?"
    )
    dialog = Confirm("Ask once more", question, yes="ask once more")
    is_meant: bool | None = await place.app.push_screen_wait(dialog)
    return bool(is_meant)
