"""The basket on the sale screen: each deed looks up what it needs and returns a new snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from pos_app.domain import item as item_rules
from pos_app.domain import partner as partner_rules
from pos_app.domain.batch import BatchNotManaged
from pos_app.domain.currency import RateMissing
from pos_app.domain.item import Item
from pos_app.domain.limit import Approval
from pos_app.domain.partner import Partner
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.price import PriceQuote, from_label, overridden
from pos_app.domain.sale import Sale, SaleEmpty, SaleLine, SaleState
from pos_app.services import item as items
from pos_app.services import limit, price, rate, tax
from pos_app.services import partner as partners
from pos_app.services.item import Found
from pos_app.services.prompt import use
from pos_app.services.shop import Shop
from pos_app.store import audit

ONE = Decimal(1)


def start(
    shop: Shop,
    actor: Actor,
    *,
    currency: str | None = None,
    partner: Partner | None = None,
) -> Sale:
    """An empty basket with its identity, its currency and its frozen rate."""
    require(actor, Permission.SALE_SELL)
    chosen = shop.rules.currencies.get(currency or shop.rules.currency).code
    buyer = partner or partners.walk_in(shop)
    with shop.store.read() as connection:
        price_list = price.list_for(shop, connection, partner=buyer, currency=chosen)
        frozen = rate.current(shop, connection)
    return Sale(
        id=shop.ids.new(),
        till=shop.rules.till,
        currency=chosen,
        warehouse=shop.rules.warehouse,
        partner=partner_rules.check_active(buyer),
        business_date=shop.today,
        is_gross=price_list.is_gross,
        rate=frozen,
    )


def add(
    shop: Shop, actor: Actor, sale: Sale, text: str, *, quantity: Decimal | None = None
) -> Sale:
    """Add what was scanned or typed.

    Raises:
        ItemUnknown, BarcodeAmbiguous: nothing, or more than one item, has this code.
        PriceMissing, UnmappedTaxGroup, QuantityInvalid, ItemInactive: it cannot be sold as it is.
    """
    found = items.by_scan(shop, text, partner=sale.partner, currency=sale.currency)
    return add_found(shop, actor, sale, found, quantity=quantity, scanned=text)


def add_found(
    shop: Shop,
    actor: Actor,
    sale: Sale,
    found: Found,
    *,
    quantity: Decimal | None = None,
    batch: str = "",
    unit_price: Decimal | None = None,
    discount_percent: Decimal | None = None,
    approvals: Sequence[Approval] = (),
    scanned: str = "",
) -> Sale:
    """Add an item that was found, with what the label or the cashier says about it."""
    item = item_rules.check_active(found.item)
    if batch and not item.is_batch_managed:
        raise BatchNotManaged(item.code, batch)
    wanted = (ONE if quantity is None else quantity) * found.quantity
    with shop.store.read() as connection:
        quoted = price.quote(
            shop,
            connection,
            item,
            partner=sale.partner,
            currency=sale.currency,
            quantity=wanted,
        )
        group = tax.group_of(shop, connection, item, on=sale.business_date)
    if found.label_price is not None:
        wanted, quoted = from_label(quoted, found.label_price, decimals=item.decimals)
    given = None if unit_price == quoted.unit_price else unit_price
    known = quoted
    if given is not None:
        quoted = overridden(known, given, explanation=f"price given by {actor.username}")
    changed = sale.with_line(
        SaleLine(
            number=0,
            item=item,
            quantity=wanted,
            quote=quoted,
            tax=group,
            discount_percent=discount_percent or Decimal(0),
            batch=batch or found.batch,
            scanned=scanned,
        )
    )
    _allow(
        shop,
        actor,
        sale,
        known,
        item=item.code,
        price=given,
        percent=discount_percent,
        approvals=approvals,
    )
    return changed


def _allow(
    shop: Shop,
    actor: Actor,
    sale: Sale,
    known: PriceQuote,
    *,
    item: str,
    price: Decimal | None,
    percent: Decimal | None,
    approvals: Sequence[Approval],
) -> None:
    """Hold a price and a discount given by hand to the limits, and audit both."""
    used: list[Approval | None] = []
    deeds: dict[str, dict[str, object]] = {}
    if price is not None:
        used.append(
            limit.check_price(shop, actor, sale, known=known, price=price, approvals=approvals)
        )
        deeds["sale.price"] = {"item": item, "price": str(price)}
    if percent:
        used.append(limit.check_discount(shop, actor, sale, percent=percent, approvals=approvals))
        deeds["sale.discount"] = {"item": item, "percent": str(percent)}
    for action, facts in deeds.items():
        _note(shop, actor, action, sale, facts)
    _note_approvals(shop, actor, sale, used)


def set_quantity(shop: Shop, actor: Actor, sale: Sale, number: int, quantity: Decimal) -> Sale:
    """Change a line's quantity; a quantity break may change its price.

    Raises:
        LineUnknown, QuantityInvalid.
    """
    line = sale.line(number)
    if quantity < line.quantity:
        _note(shop, actor, "sale.reduce_line", sale, {"line": number, "to": str(quantity)})
    if line.quote.rule in {"override", "label"}:
        return sale.with_quantity(number, quantity)
    return sale.with_quantity(
        number, quantity, quote=_requote(shop, sale, line.item, quantity, sale.partner)
    )


def void_line(shop: Shop, actor: Actor, sale: Sale, number: int, *, reason: str = "") -> Sale:
    """Take a line out before posting; who took out what is audited.

    Raises:
        LineUnknown.
    """
    require(actor, Permission.SALE_VOID_LINE)
    line = sale.line(number)
    details = {"item": line.item.code, "quantity": str(line.quantity), "amount": str(line.amount)}
    _note(shop, actor, "sale.void_line", sale, {**details, "reason": reason})
    return sale.without_line(number)


def discount(
    shop: Shop,
    actor: Actor,
    sale: Sale,
    number: int | None,
    percent: Decimal,
    *,
    approvals: Sequence[Approval] = (),
) -> Sale:
    """Give a discount on a line, or with None on the sale.

    Raises:
        ApprovalNeeded: above what this actor may give alone.
        DiscountInvalid, LineUnknown.
    """
    changed = sale.with_discount(number, percent)
    used = limit.check_discount(
        shop, actor, sale, percent=percent, is_whole_sale=number is None, approvals=approvals
    )
    _note_approvals(shop, actor, sale, [used])
    _note(shop, actor, "sale.discount", sale, {"line": number or 0, "percent": str(percent)})
    return changed


def set_partner(shop: Shop, actor: Actor, sale: Sale, partner: Partner) -> Sale:
    """Sell to another partner, at the prices that partner gets."""
    require(actor, Permission.SALE_SELL)
    buyer = partner_rules.check_active(partner)
    with shop.store.read() as connection:
        quotes = {
            line.number: price.quote(
                shop,
                connection,
                line.item,
                partner=buyer,
                currency=sale.currency,
                quantity=line.quantity,
            )
            for line in sale.lines
            if line.quote.rule not in {"override", "label"}
        }
    return sale.with_partner(buyer, quotes=quotes)


def set_currency(shop: Shop, actor: Actor, sale: Sale, currency: str) -> Sale:
    """The same basket in another currency, at that currency's own prices.

    Raises:
        PriceMissing: an item has no price in it; the basket stays as it was.
        RateMissing: there is no exchange rate.
    """
    fresh = start(shop, actor, currency=currency, partner=sale.partner)
    if fresh.rate is None:
        raise RateMissing(sale.currency, currency)
    changed = Sale(
        id=sale.id,
        till=sale.till,
        currency=fresh.currency,
        warehouse=sale.warehouse,
        partner=sale.partner,
        business_date=sale.business_date,
        is_gross=fresh.is_gross,
        rate=fresh.rate,
    )
    for line in sale.lines:
        quoted = _requote(shop, changed, line.item, line.quantity, sale.partner)
        changed = changed.with_line(
            SaleLine(
                number=line.number,
                item=line.item,
                quantity=line.quantity,
                quote=quoted,
                tax=line.tax,
                discount_percent=line.discount_percent,
                batch=line.batch,
                scanned=line.scanned,
            )
        )
    return changed


def repeat_last(shop: Shop, actor: Actor, sale: Sale) -> Sale:
    """Add the last line's item once more.

    Raises:
        SaleEmpty: there is no line to repeat.
    """
    last = sale.last_line
    if last is None:
        raise SaleEmpty
    found = items.by_code(shop, last.item.code, partner=sale.partner, currency=sale.currency)
    return add_found(shop, actor, sale, found, quantity=last.quantity, batch=last.batch)


def cancel(
    shop: Shop, actor: Actor, sale: Sale, *, reason: str, approvals: Sequence[Approval] = ()
) -> Sale:
    """Give the whole basket up before posting.

    Raises:
        ApprovalNeeded, NotAllowed: this actor may not do it alone.
    """
    used = limit.check_void(shop, actor, sale, amount=sale.total.amount, approvals=approvals)
    _note_approvals(shop, actor, sale, [used])
    details = {"total": str(sale.total), "lines": len(sale.lines), "reason": reason}
    _note(shop, actor, "sale.cancel", sale, details)
    use.give_up(shop, sale.id)
    return sale.moved(SaleState.VOIDED)


def _requote(
    shop: Shop, sale: Sale, item: Item, quantity: Decimal, partner: Partner | None
) -> PriceQuote:
    with shop.store.read() as connection:
        return price.quote(
            shop, connection, item, partner=partner, currency=sale.currency, quantity=quantity
        )


def _note(shop: Shop, actor: Actor, action: str, sale: Sale, details: Mapping[str, object]) -> None:
    with shop.store.write() as connection:
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action=action,
            subject=sale.id,
            details=dict(details),
        )


def _note_approvals(shop: Shop, actor: Actor, sale: Sale, used: Sequence[Approval | None]) -> None:
    for approval in used:
        if approval is not None:
            details = {
                "rule": approval.rule.value,
                "amount": str(approval.amount),
                "approver": approval.approver,
                "reason": approval.reason,
            }
            _note(shop, actor, "sale.approval", sale, details)
