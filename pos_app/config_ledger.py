"""The table of the built-in books: the accounts that goods move between without SAP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, model_validator

from pos_app.config_gateway import Table
from pos_app.domain.ledger import CHART

Account = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,15}$")]
BUILT_IN = frozenset(account.code for account in CHART)


class Ledger(Table):
    """Accounts by what they are for; each is one of its own."""

    stock: Account = "1400"
    stock_of: Mapping[Annotated[str, Field(min_length=1, max_length=20)], Account] = Field(
        default_factory=dict
    )
    received: Account = "2100"
    cost: Account = "5000"
    difference: Account = "5400"
    opening: Account = "3000"

    @model_validator(mode="after")
    def _each_is_its_own(self) -> Ledger:
        stock = {self.stock, *self.stock_of.values()}
        others = [self.received, self.cost, self.difference, self.opening]
        taken = [code for code in others if others.count(code) > 1 or code in stock]
        taken += sorted(BUILT_IN & {*stock, *others})
        if taken:
            raise ValueError(f"account {taken[0]} is used for something else: take another")
        return self
