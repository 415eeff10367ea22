"""A prompt without a screen: asked, waited for, and found again by the caller's own key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pos_app.domain.permission import Actor
from pos_app.domain.prompt import (
    Prompt,
    PromptServerAway,
    PromptState,
    PromptUnpaid,
    PromptUnsettled,
    Question,
)
from pos_app.domain.tender import Tender, TenderInvalid
from pos_app.services.prompt import ask, look, view
from pos_app.services.shop import Shop
from pos_app.store import prompt as prompts

if TYPE_CHECKING:
    from pos_app.services.charge.till import PromptServer

PAUSE_SECONDS = 1.0
GRACE = timedelta(seconds=90)
"""So long after the customer's time the server still says how it ended."""


def paid(shop: Shop, server: PromptServer | None, actor: Actor, question: Question) -> Tender:
    """The tender that takes what a customer pays when asked now, or paid when asked before.

    With a request of the caller's own a customer is asked once however often this is called,
    unless the question ended without money.

    Raises:
        TenderInvalid, PhoneInvalid: it cannot be asked so.
        PromptServerAway: the till has no server.
        PromptUnpaid: the customer did not pay.
        PromptUnsettled: nobody knows yet; call again with the same request.
    """
    kind, money = question.kind, question.money
    if not kind.gateway:
        raise TenderInvalid(kind.code, "asks no customer by phone")
    if server is None:
        raise PromptServerAway(kind.name)
    prompt, is_new = _asked(shop, actor, question)
    if is_new:
        prompt = ask.send(shop, server, prompt.id)
    until = max(prompt.expires_at, shop.clock.now()) + GRACE
    while prompt.is_open and shop.clock.now() < until:
        shop.clock.sleep(PAUSE_SECONDS)
        prompt = look.once(shop, server, prompt.id)
    if prompt.state is PromptState.PAID:
        return view.tender_of(shop, prompt)
    if prompt.state is PromptState.UNPAID:
        raise PromptUnpaid(kind.name, money, prompt.message or "the customer did not confirm")
    raise PromptUnsettled(kind.name, money, prompt.id)


def _asked(shop: Shop, actor: Actor, question: Question) -> tuple[Prompt, bool]:
    """The prompt of a request, and whether this call wrote it."""
    if question.request is not None:
        with shop.store.write() as connection:
            row = prompts.by_request(connection, question.request)
            if row is not None and row["state"] != PromptState.UNPAID:
                return view.of_row(row), False
            if row is not None:
                prompts.change(connection, row["id"], {"request": None})
    made = ask.intend(shop, actor, question)
    return made, made.sale_id == question.sale_id
