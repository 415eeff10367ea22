"""Ask a customer's wallet: the intent on disk first, then one message to the server, none again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain import charge as rule
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.prompt import Prompt, PromptState, Question, next_look
from pos_app.domain.shift import ShiftNotOpen
from pos_app.domain.tender import Tender, check_tender
from pos_app.services import fiscal_standing
from pos_app.services.prompt import look, view
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import prompt as prompts
from pos_app.store import shift as shifts
from sync.errors import OutcomeUnknown, Rejected, Unavailable

if TYPE_CHECKING:
    from pos_app.services.charge.till import PromptServer

LIFE = timedelta(minutes=5)
"""How long a customer is given until the server says it better."""

WITHOUT_PHONE = frozenset({"paynow"})
"""Providers whose customers pay by a link: no number has to be known."""


def intend(shop: Shop, actor: Actor, question: Question) -> Prompt:
    """Write down that a customer is going to be asked; nobody has heard of it yet.

    What was asked for under the same request before is returned as it stands.

    Raises:
        TenderInvalid, PhoneInvalid: it cannot be asked so.
        ShiftNotOpen, RuleBroken: nothing can be sold now.
    """
    kind, money, phone = question.kind, question.money, question.phone
    require(actor, Permission.SALE_SELL)
    key = shop.ids.new()
    check_tender(Tender(kind, money, key))
    number = rule.phone_of(phone) if phone or kind.gateway not in WITHOUT_PHONE else ""
    now = shop.clock.now()
    row: dict[str, Any] = {
        "id": key,
        "sale_id": question.sale_id,
        "request": question.request,
        "tender": kind.code,
        "provider": kind.gateway,
        "amount": money.minor,
        "currency": money.currency,
        "phone": number,
        "state": PromptState.ASKED,
        "shown": {},
        "username": actor.username,
        "asked_at": now,
        "expires_at": now + LIFE,
        # Whoever finds it after a crash reads it; nobody sends it again.
        "next_look_at": next_look(now, now),
    }
    with shop.store.write() as connection:
        _check_postable(shop, connection)
        if not prompts.add(connection, row):
            known = prompts.by_request(connection, question.request or "")
            return view.of_row(view.found(known, key))
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="prompt.ask",
            subject=key,
            details={"tender": kind.code, "amount": money.label, "sale": question.sale_id},
        )
    return view.get(shop, key)


def _check_postable(shop: Shop, connection: Connection) -> None:
    """Ask nobody for money that no sale could take now."""
    if shifts.open_id(connection, shop.rules.till) is None:
        raise ShiftNotOpen(shop.rules.till)
    fiscal_standing.check(shop, connection)


def send(shop: Shop, server: PromptServer, prompt_id: str) -> Prompt:
    """Send an intent to the server, by the process that wrote it; how it stands then.

    A lost answer, or one that makes no sense, leaves it `ASKED`, to be settled by reading.
    """
    with shop.store.read() as connection:
        row = view.found(prompts.by_id(connection, prompt_id), prompt_id)
    try:
        return look.settle(shop, prompt_id, server.charge_ask(wire(shop, row)))
    except Rejected as error:
        return look.unpaid(shop, prompt_id, error.text)
    except Unavailable as error:
        return look.unpaid(shop, prompt_id, error.reason)
    except OutcomeUnknown as error:
        return look.note(shop, prompt_id, str(error))


def wire(shop: Shop, row: RowMapping) -> dict[str, Any]:
    """What the server is told of a prompt."""
    money = Money(row["amount"], row["currency"])
    return {
        "id": row["id"],
        "provider": row["provider"],
        "amount": str(money),
        "currency": money.currency,
        "phone": row["phone"],
        "reference": f"{shop.rules.seller.name[:60]} {shop.rules.till}",
        "sale": row["sale_id"],
    }
