"""The question about a paper nobody can prove: it is here, or a copy takes its place."""

from __future__ import annotations

from functools import partial

from pos_app.errors import RuleBroken
from pos_app.services import spool, spool_question
from pos_app.services.spool_question import Unconfirmed
from pos_app.tui.place import Place
from pos_app.tui.widgets.dialog import Confirm


async def oldest(place: Place) -> None:
    """Ask about the paper that waits longest for somebody's word."""
    jobs = await place.till.lanes.ask(partial(spool_question.unconfirmed, place.till.shop, limit=1))
    if not jobs:
        raise RuleBroken("The printer knows how every print ended: there is nothing to say.")
    await ask(place, jobs[0])


async def of_document(place: Place, document_id: str, name: str) -> None:
    """Ask about the paper of one document."""
    jobs = await place.till.lanes.ask(partial(spool_question.unconfirmed, place.till.shop))
    job = next((job for job in jobs if job.document_id == document_id), None)
    if job is None:
        raise RuleBroken(f"The printer knows how the print of {name} ended.")
    await ask(place, job)


async def ask(place: Place, job: Unconfirmed) -> None:
    """Ask, take the answer down, and let the printer go on."""
    till = place.till
    actor = till.desk.require_actor()
    dialog = Confirm(
        "Paper",
        f"When it stopped: {job.reason}\n\n{job.sentence}",
        yes="it is here",
        no=f"it is not: print {job.follows}",
    )
    is_there = await place.app.push_screen_wait(dialog)
    if is_there is None:
        return
    await till.lanes.perform(
        f"seen {job.id}", lambda: spool.answer(till.shop, actor, job.id, is_there=is_there)
    )
    till.background.wake()
    told = f"Noted: {job.title} is here."
    place.tell(told if is_there else f"{job.follows} of {job.title} comes next.", kind="good")
