"""The gateways of this shop, by provider and currency."""

from __future__ import annotations

from collections.abc import Sequence

from pos_app.domain.charge import ProviderUnknown
from sync.gateway.port import Gateway

CALLBACK_PATH = "/api/Payment/callback/"


class Gateways:
    """Every account that is set up; none is a shop without mobile money."""

    def __init__(
        self, accounts: Sequence[Gateway] = (), *, public_url: str = "", return_url: str = ""
    ) -> None:
        """Take the accounts.

        Args:
            accounts: one for each provider and currency, or currencies.
            public_url: where providers reach this server; empty where they cannot.
            return_url: where a customer goes who has paid, unless the request names a place.
        """
        self._accounts = tuple(accounts)
        self._public_url = public_url.rstrip("/")
        self.return_url = return_url

    def listens_at(self, port: int) -> None:
        """The server has a port: where the settings left it open, providers hear of this one."""
        if self._public_url.endswith(":0"):
            self._public_url = f"{self._public_url.removesuffix('0')}{port}"

    @property
    def accounts(self) -> tuple[Gateway, ...]:
        """All of them, in the order of the settings."""
        return self._accounts

    def of(self, provider: str, currency: str) -> Gateway:
        """The account for a payment; raises ProviderUnknown."""
        for account in self._accounts:
            if account.provider == provider.strip().lower() and currency in account.currencies:
                return account
        known = ", ".join(sorted({one.provider for one in self._accounts}))
        raise ProviderUnknown(provider, currency, known)

    def named(self, provider: str) -> tuple[Gateway, ...]:
        """The accounts at one provider."""
        return tuple(one for one in self._accounts if one.provider == provider)

    def callback_url(self, provider: str) -> str:
        """Where a provider tells us of changes; empty where it cannot reach us."""
        return f"{self._public_url}{CALLBACK_PATH}{provider}" if self._public_url else ""
