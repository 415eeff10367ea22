"""Ask the server how prompts stand, until each has ended or has been handed over to a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping

from pos_app.domain.money import Money
from pos_app.domain.prompt import (
    OPEN,
    QUIET,
    Prompt,
    PromptState,
    PromptUse,
    next_look,
    state_of,
)
from pos_app.errors import PosError
from pos_app.services.prompt import ask, view
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import audit
from pos_app.store import prompt as prompts
from pos_app.store import sale as sales
from sync.errors import OutcomeUnknown, Rejected, SyncError
from sync.remote import NOT_THERE, Indigestible

if TYPE_CHECKING:
    from pos_app.services.charge.till import PromptServer

LEASE = timedelta(seconds=30)
BATCH = 20
NEVER_ASKED = "The server never got it: the customer was not asked."


def work(shop: Shop, server: PromptServer) -> Worked:
    """Ask about everything that is due; one process at a time for each prompt."""
    now, done, problem = shop.clock.now(), 0, ""
    with shop.store.read() as connection:
        rows = prompts.due(connection, now, limit=BATCH)
    for row in rows:
        with shop.store.write() as connection:
            is_ours = prompts.claim(connection, row, now + LEASE)
        if not is_ours:
            continue
        try:
            done += _step(shop, server, row)
        except SyncError as error:
            problem = str(error)
            note(shop, row["id"], problem)
    return Worked(done=done, problem=problem)


def once(shop: Shop, server: PromptServer, prompt_id: str) -> Prompt:
    """Ask about one prompt now, for somebody who waits; a server that is away changes nothing."""
    with shop.store.read() as connection:
        row = view.found(prompts.by_id(connection, prompt_id), prompt_id)
    try:
        _step(shop, server, row)
    except SyncError as error:
        note(shop, prompt_id, str(error))
    return view.get(shop, prompt_id)


def _step(shop: Shop, server: PromptServer, row: RowMapping) -> bool:
    """Do what is next for a prompt; whether it got on."""
    if row["use"] == PromptUse.LEFT and not row["is_told"]:
        return _hand_over(shop, server, row)
    if row["use"] or row["state"] in {PromptState.PAID, PromptState.UNPAID}:
        return False
    try:
        told = server.charge(row["id"])
    except Rejected as error:
        if error.code != NOT_THERE:
            raise
        if shop.clock.now() - row["asked_at"] < QUIET:
            note(shop, row["id"], "")
            return False
        return _hand_over(shop, server, row)
    return settle(shop, row["id"], told).state is not PromptState(row["state"])


def _hand_over(shop: Shop, server: PromptServer, row: RowMapping) -> bool:
    """Tell the server that no sale here waits for it; what it has never heard of it shuts out."""
    try:
        told: Mapping[str, Any] = server.charge_leave(ask.wire(shop, row))
    except Indigestible as error:
        if (error.http_status or 0) >= 500:
            raise
        unpaid(shop, row["id"], error.text)  # what it cannot even read it never asked for
        return True
    settle(shop, row["id"], told, is_told=True)
    return True


def settle(shop: Shop, prompt_id: str, told: Mapping[str, Any], *, is_told: bool = False) -> Prompt:
    """Let what the server says of a prompt settle it, once it makes sense.

    Raises:
        OutcomeUnknown: the answer makes no sense.
    """
    try:
        state = state_of(str(told["state"]), is_held=bool(told["is_held"]))
        left = timedelta(seconds=int(told["seconds_left"]))
        shown = {str(name): str(text) for name, text in dict(told["shown"]).items()}
        said, is_claimed = str(told["received"]), bool(told["is_claimed"])
        external_id, message = str(told["external_id"]), str(told["message"])
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown("The server's answer about a payment makes no sense.") from error
    now = shop.clock.now()
    with shop.store.write() as connection:
        row = view.found(prompts.by_id(connection, prompt_id), prompt_id)
        try:
            received = Money.of(said, row["currency"]).minor if said else None
        except PosError as error:
            raise OutcomeUnknown("The server's answer names no amount.") from error
        if row["use"] == PromptUse.TAKEN or (row["state"] == PromptState.PAID and not is_told):
            return view.of_row(row)
        values: dict[str, Any] = {
            "state": state,
            "message": message[:500],
            "external_id": external_id[:200],
            "received": received,
            "shown": shown,
            "expires_at": now + left,
            "next_look_at": _next(row, state, shop),
        }
        if is_told:
            values |= {"is_told": True, "next_look_at": None, "use": PromptUse.LEFT}
        elif state is PromptState.PAID:
            # Somebody typed the confirmation by hand while nobody knew, or sold with it before
            # these books were restored.
            name = external_id or prompt_id
            used = sales.by_tender_reference(connection, row["tender"], name)
            if used or is_claimed:
                values |= {"use": PromptUse.TAKEN, "used_by": used["id"] if used else ""}
        prompts.change(connection, prompt_id, values)
        if state != row["state"] and state not in OPEN:
            audit.append(
                connection,
                at=now,
                actor=row["username"],
                action=f"prompt.{state.value}",
                subject=prompt_id,
                details={"was": row["state"], "reference": external_id[:100]},
            )
        return view.of_row(view.found(prompts.by_id(connection, prompt_id), prompt_id))


def _next(row: RowMapping, state: PromptState, shop: Shop) -> Any:
    if row["use"] == PromptUse.LEFT and not row["is_told"]:
        return shop.clock.now()
    is_over = state in {PromptState.PAID, PromptState.UNPAID}
    return None if is_over else next_look(shop.clock.now(), row["asked_at"])


def note(shop: Shop, prompt_id: str, words: str) -> Prompt:
    """Nothing new is known of a prompt; why not, and when to ask next."""
    now = shop.clock.now()
    with shop.store.write() as connection:
        row = view.found(prompts.by_id(connection, prompt_id), prompt_id)
        if row["next_look_at"] is not None:
            values: dict[str, Any] = {"next_look_at": next_look(now, row["asked_at"])}
            if words:
                values["message"] = words[:500]
            prompts.change(connection, prompt_id, values)
        return view.of_row(view.found(prompts.by_id(connection, prompt_id), prompt_id))


def unpaid(shop: Shop, prompt_id: str, words: str) -> Prompt:
    """It is certain that nobody was asked."""
    values = {"state": PromptState.UNPAID, "message": words[:500], "next_look_at": None}
    with shop.store.write() as connection:
        row = view.found(prompts.by_id(connection, prompt_id), prompt_id)
        if row["use"] != PromptUse.TAKEN and row["state"] != PromptState.PAID:
            prompts.change(connection, prompt_id, values)
        return view.of_row(view.found(prompts.by_id(connection, prompt_id), prompt_id))
