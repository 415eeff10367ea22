"""Whose the money of a prompt is: taken by one posted sale, or left to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.prompt import PromptNotTakeable, PromptState, PromptUse, ReferenceUsed
from pos_app.domain.tender import Tender
from pos_app.services.prompt import view
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import prompt as prompts
from pos_app.store import sale as sales


def finish(shop: Shop, connection: Connection, sale_id: str, tenders: Sequence[Tender]) -> None:
    """In the transaction that posts a sale: take what its tenders name, leave the rest.

    Raises:
        PromptNotTakeable: money that is not there, is of another amount, or was taken already.
        ReferenceUsed: a confirmation that has paid another receipt.
    """
    if not any(kind.gateway for kind in shop.rules.tender_types):
        return
    for tender in tenders:
        reference = tender.reference.strip()
        if tender.type.gateway and reference:
            used = sales.by_tender_reference(connection, tender.type.code, reference)
            if used is not None:
                raise ReferenceUsed(reference, used["receipt"])
            row = prompts.by_external(connection, tender.type.code, reference)
            key = tender.prompt or (row["id"] if row else "")
            if key:  # typed by hand, it is the money of the prompt all the same
                _take(connection, replace(tender, prompt=key), sale_id)
    prompts.leave(connection, sale_id, shop.clock.now())


def give_up(shop: Shop, sale_id: str) -> None:
    """A sale was given up: whatever its prompts bring is a person's."""
    with shop.store.write() as connection:
        prompts.leave(connection, sale_id, shop.clock.now())


def leave(shop: Shop, actor: Actor, prompt_id: str) -> None:
    """Leave money that came to a person, as somebody at the till decides.

    Raises:
        RecordNotFound: there is no such prompt.
        PromptNotTakeable: it was taken or left already.
    """
    require(actor, Permission.SALE_SELL)
    now = shop.clock.now()
    with shop.store.write() as connection:
        row = view.found(prompts.by_id(connection, prompt_id), prompt_id)
        if not prompts.leave(connection, row["sale_id"], now, prompt_id=prompt_id):
            raise PromptNotTakeable(view.of_row(row).amount, "it is somebody's already")
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="prompt.leave",
            subject=prompt_id,
            details={"state": row["state"], "sale": row["sale_id"]},
        )


def _take(connection: Connection, tender: Tender, sale_id: str) -> None:
    row = view.found(prompts.by_id(connection, tender.prompt), tender.prompt)
    known = view.of_row(row)
    if (known.amount, known.tender) != (tender.money, tender.type.code):
        raise PromptNotTakeable(known.amount, "which asks for another amount")
    if not prompts.take(connection, tender.prompt, sale_id):
        is_gone = known.state is PromptState.PAID and known.use is not PromptUse.NONE
        why = "it is somebody's already" if is_gone else "it has not come"
        raise PromptNotTakeable(known.amount, why)
