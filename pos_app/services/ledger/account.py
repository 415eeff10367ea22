"""The accounts that goods move between, as the settings name them."""

from __future__ import annotations

from pos_app.domain.ledger import Account, AccountType, Line
from pos_app.domain.money import Money
from pos_app.domain.movement import Reason
from pos_app.services.rate import BASE
from pos_app.services.shop import Shop


def stock(shop: Shop, warehouse: str) -> Account:
    """What the goods of a warehouse are worth."""
    rules = shop.rules.ledger
    code = rules.stock_of.get(warehouse, rules.stock)
    name = "Stock" if code == rules.stock else f"Stock ({code})"
    return Account(code, name, AccountType.ASSET)


def received(shop: Shop) -> Account:
    """What suppliers delivered and did not invoice yet."""
    return Account(shop.rules.ledger.received, "Goods received", AccountType.LIABILITY)


def cost(shop: Shop) -> Account:
    """What sold goods have cost."""
    return Account(shop.rules.ledger.cost, "Cost of sales", AccountType.EXPENSE)


def difference(shop: Shop) -> Account:
    """What counts find, and goods that move for a reason without an account."""
    return Account(shop.rules.ledger.difference, "Stock differences", AccountType.EXPENSE)


def opening(shop: Shop) -> Account:
    """What was there when the books were begun."""
    return Account(shop.rules.ledger.opening, "Opening balances", AccountType.EQUITY)


def reason(shop: Shop, why: Reason) -> Account:
    """Where the value of goods goes that move for a reason."""
    if not why.account:
        return difference(shop)
    return Account(why.account, f"Goods in and out ({why.account})", AccountType.EXPENSE)


def line(account: Account, minor: int, *, tag: str = "") -> Line:
    """One line in the currency goods are valued in."""
    return Line(account=account, debit=Money(minor, BASE), tag=tag)
