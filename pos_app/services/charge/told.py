"""What other programs hear of a charge, in the transaction that changes its state."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, RowMapping

from pos_app.domain.charge import ChargeState
from pos_app.domain.money import Money
from pos_app.domain.webhook import WebhookEvent
from pos_app.services.shop import Shop
from pos_app.services.webhook import event

_EVENTS: Mapping[ChargeState, WebhookEvent] = {
    ChargeState.SUCCESS: WebhookEvent.PAYMENT_RECEIVED,
    ChargeState.FAILED: WebhookEvent.PAYMENT_FAILED,
    ChargeState.CANCELLED: WebhookEvent.PAYMENT_FAILED,
    ChargeState.EXPIRED: WebhookEvent.PAYMENT_FAILED,
    ChargeState.REFUNDED: WebhookEvent.PAYMENT_REFUNDED,
}


def tell(shop: Shop, connection: Connection, row: RowMapping, after: str) -> None:
    """Tell the state a charge has come to, if it is another than it had.

    Args:
        shop: the server.
        connection: of the transaction that changes it.
        row: the charge as it was.
        after: its state now.
    """
    kind = _EVENTS.get(ChargeState(after))
    if kind is None or after == row["state"]:
        return
    data = {
        "id": row["id"],
        "provider": row["provider"],
        "reference": row["reference"],
        "status": ChargeState(after).value,
        "amount": Money(row["amount"], row["currency"]).amount,
        "currency": row["currency"],
    }
    event.tell(shop, connection, kind, subject=row["id"], data=data)
