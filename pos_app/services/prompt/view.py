"""Prompts as they are read, and whose money waits for a sale."""

from __future__ import annotations

from sqlalchemy import RowMapping

from pos_app.domain.money import Money
from pos_app.domain.prompt import Prompt, PromptState, PromptUse
from pos_app.domain.tender import Tender
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import prompt as prompts
from pos_app.store import sale as sales


def get(shop: Shop, prompt_id: str) -> Prompt:
    """One prompt; raises RecordNotFound."""
    with shop.store.read() as connection:
        row = prompts.by_id(connection, prompt_id)
    return of_row(found(row, prompt_id))


def for_sale(shop: Shop, sale_id: str) -> tuple[Prompt, ...]:
    """What a sale may still hear of: its own open prompts, and money no sale has taken.

    Money asked for another sale is among it, since that sale may have been lost with the power;
    not while it is parked.
    """
    states = (PromptState.ASKED, PromptState.WAITING, PromptState.REVIEW, PromptState.PAID)
    with shop.store.read() as connection:
        rows = prompts.unused(connection, states=states)
        parked = {row["id"] for row in sales.held(connection, shop.rules.till)} if rows else set()
    known = [of_row(row) for row in rows]
    return tuple(
        one
        for one in known
        if one.sale_id == sale_id or (one.is_offered and one.sale_id not in parked)
    )


def tender_of(shop: Shop, prompt: Prompt) -> Tender:
    """The tender that takes the money of a prompt; raises UnmappedTender."""
    kind = shop.rules.tender_type(prompt.tender)
    return Tender(kind, prompt.amount, prompt.reference, prompt.id)


def found(row: RowMapping | None, prompt_id: str) -> RowMapping:
    """The row, or that there is none; raises RecordNotFound."""
    if row is None:
        raise RecordNotFound("payment", prompt_id[:60])
    return row


def of_row(row: RowMapping) -> Prompt:
    """A prompt from its row."""
    return Prompt(
        id=row["id"],
        sale_id=row["sale_id"],
        tender=row["tender"],
        provider=row["provider"],
        amount=Money(
            row["amount"] if row["received"] is None else row["received"], row["currency"]
        ),
        phone=row["phone"],
        state=PromptState(row["state"]),
        use=PromptUse(row["use"]),
        reference=row["external_id"][:100] or row["id"],
        message=row["message"],
        shown=row["shown"],
        username=row["username"],
        asked_at=row["asked_at"],
        expires_at=row["expires_at"],
        used_by=row["used_by"],
    )
