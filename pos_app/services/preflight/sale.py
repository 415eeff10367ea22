"""Before payment is taken: would this sale be filed, and may anything be sold now (lesson L34)."""

from __future__ import annotations

from pos_app.domain.sale import Sale
from pos_app.services import fiscal_request, fiscal_standing
from pos_app.services.shop import Shop


def check(shop: Shop, sale: Sale) -> None:
    """Refuse a sale that could not be filed, while the customer still has the money.

    Posting the sale checks the same again.

    Raises:
        FiscalStopped, FiscalDeviceAway, FiscalBacklogFull, FiscalDayOver, FiscalDayShut: nothing
            may be sold now.
        UnmappedCurrency, UnmappedTaxGroup, SaleNotFileable: not this sale.
    """
    if not shop.rules.fiscal.is_required:
        return
    with shop.store.read() as connection:
        fiscal_standing.check(shop, connection)
    if sale.lines:
        fiscal_request.draft(shop, sale)
