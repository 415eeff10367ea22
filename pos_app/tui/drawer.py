"""The drawer without a sale, from any place: what for, and a manager's yes where one is needed."""

from __future__ import annotations

from pos_app.domain.limit import Approval
from pos_app.errors import InvalidInput
from pos_app.services.drawer import no_sale as service
from pos_app.tui.approving import with_approval
from pos_app.tui.place import Place
from pos_app.tui.widgets.dialog import Ask


async def no_sale(place: Place) -> None:
    """Open the drawer without a sale, for a reason that goes into the audit."""
    till = place.till
    reason = await place.app.push_screen_wait(
        Ask("Open the drawer without a sale", "What for? It goes into the audit.", read=_reason)
    )
    if reason is None:
        return
    actor, opening_id = till.desk.require_actor(), till.shop.ids.new()

    async def attempt(approvals: tuple[Approval, ...]) -> bool:
        def run() -> None:
            service.no_sale(till.shop, actor, opening_id, reason=reason, approvals=approvals)

        await till.lanes.perform(f"drawer {opening_id}", run)
        return True

    if await with_approval(place, attempt, sale_id=opening_id):
        till.background.wake()
        place.tell("The drawer opens; its slip is on its way to the printer.", kind="good")


def _reason(text: str) -> str:
    if not text:
        raise InvalidInput("Type in a few words what the drawer is opened for.")
    if len(text) > service.LONGEST_REASON:
        raise InvalidInput(f"A reason has at most {service.LONGEST_REASON} characters: shorten it.")
    return text
