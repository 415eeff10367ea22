"""Statements of account on paper: a page, a roll or plain text, one part per currency."""

from __future__ import annotations

from datetime import date

from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.statement import Account
from pos_app.services import paper, saved_paper, statement
from pos_app.services.saved_paper import Form
from pos_app.services.shop import Shop
from pos_app.services.statement import CustomerStatement
from printing.document import Document, Feed
from printing.layouts.statement import statement_paper
from printing.statement import AgeBand, Statement, StatementLine


def file_of(shop: Shop, told: CustomerStatement, form: Form) -> bytes:
    """The statement as a file.

    Raises:
        CannotMakePaper: the settings of papers do not fit it.
    """
    name = f"statement {told.partner.code}"
    return saved_paper.encoded(
        shop, name, form, lambda width: document(shop, told, width), kind="statement"
    )


def save(
    shop: Shop,
    actor: Actor,
    code: str,
    form: Form,
    *,
    since: date | None = None,
    until: date | None = None,
) -> bytes:
    """The file of a customer's statement.

    Raises:
        PermissionMissing: the actor may not see customers.
        RecordNotFound, PeriodInvalid, CannotMakePaper: it cannot be made.
    """
    require(actor, Permission.CUSTOMERS_VIEW)
    return file_of(shop, statement.of_customer(shop, code, since=since, until=until), form)


def document(shop: Shop, told: CustomerStatement, width: int) -> Document:
    """The statement laid out, its currencies behind each other."""
    words = shop.rules.paper.words
    made = [
        statement_paper(_statement(shop, told, account), width, words) for account in told.accounts
    ]
    first, *others = made
    blocks = first.blocks + tuple(block for other in others for block in (Feed(2), *other.blocks))
    return Document(blocks, first.title, first.language, width, told.partner.code)


def file_name(told: CustomerStatement) -> str:
    """``Statement_<customer>_<moment>.pdf``."""
    code = "".join(mark if mark.isascii() and mark.isalnum() else "-" for mark in told.partner.code)
    return f"Statement_{code}_{told.made_at:%Y%m%d%H%M%S}.pdf"


def _statement(shop: Shop, told: CustomerStatement, account: Account) -> Statement:
    return Statement(
        seller=paper.seller_of(shop),
        partner=paper.buyer_of(told.partner),
        account=told.partner.code,
        currency=account.currency,
        begins=told.since,
        ends=told.until,
        opening=account.opening.amount,
        closing=account.closing.amount,
        lines=tuple(
            StatementLine(
                on=line.entry.on,
                document=line.entry.document,
                what=line.entry.what,
                amount=line.entry.amount.amount,
                balance=line.balance.amount,
                due=line.entry.due,
            )
            for line in account.lines
        ),
        ages=tuple(
            AgeBand(name=name, amount=amount.amount)
            for name, amount in account.bands
            if amount.minor or name != "Not applied"
        ),
    )
