"""How to reach one company in one Service Layer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sync.sap.tls import is_pin, read_pin

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds to wait, by what is waited for.

    Attributes:
        connect: until the connection stands.
        login: for Login, which takes three to eight seconds on a healthy system.
        read: for a lean read.
        page: for one page of a bulk read.
        write: for posting a document, which can take minutes.
        interactive: for a read somebody is waiting for.
        read_total: for all attempts of a lean read together,
        page_total: of one page,
        interactive_total: and of a read somebody is waiting for.
    """

    connect: float = 10
    login: float = 60
    read: float = 60
    page: float = 300
    write: float = 300
    interactive: float = 10
    read_total: float = 150
    page_total: float = 600
    interactive_total: float = 20


USER_FIELD = re.compile(r"U_\w{1,48}", re.ASCII)
"""What a company may call a field of its own; the name stands in filters, unquoted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SapSettings:
    """One company database behind one Service Layer.

    Attributes:
        url: base address ending in ``/b1s/v1`` or ``/b1s/v2``.
        company_db: the company database.
        user: SAP user code.
        password: never shown in a representation of the settings.
        verify: None for certificates the system trusts, the path of a bundle, or ``sha256:``
            and a fingerprint; see `sync.sap.tls`.
        timeouts: see `Timeouts`.
        page_size: rows asked for per page of a bulk read.
        key_field: the user-defined field that carries our idempotency key.
        payment_key_field: the same on incoming payments, for companies that created one.
        count_key_field: the same on inventory countings and postings; without one, Remarks
            carries the key.
        connections: most simultaneous connections.
        reserved: how many of them only interactive reads may use (production lesson L82).
        read_attempts: tries of a read whose answer got lost (production lesson L88).
        login_attempts: tries of a login that met licence or SLD trouble.
        login_hold: seconds a refused user or password is not tried again, so that no account
            gets locked (production lesson L55).
        breaker_failures: consecutive connection failures that open the circuit breaker.
        breaker_seconds: how long it stays open before one probe.
    """

    url: str
    company_db: str
    user: str
    password: str = field(repr=False)
    verify: str | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    page_size: int = 500
    key_field: str = "U_Van_saleorder"
    payment_key_field: str | None = None
    count_key_field: str | None = None
    connections: int = 6
    reserved: int = 2
    read_attempts: int = 3
    login_attempts: int = 4
    login_hold: float = 600
    breaker_failures: int = 5
    breaker_seconds: float = 30

    def __post_init__(self) -> None:
        if not self.url.rstrip("/").endswith(("/b1s/v1", "/b1s/v2")):
            raise ValueError(f"The SAP url {self.url!r} must end in /b1s/v1 or /b1s/v2.")
        parts = urlsplit(self.url)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise ValueError(f"The SAP url {self.url!r} must begin with https://.")
        if self.verify is not None and is_pin(self.verify):
            read_pin(self.verify)
        for name in (self.key_field, self.payment_key_field, self.count_key_field):
            if name is not None and not USER_FIELD.fullmatch(name):
                raise ValueError(f"The SAP field {name!r} is none of a company's own: U_Name.")
        if self.page_size < 1 or self.connections < 1:
            raise ValueError("SAP page_size and connections must be at least 1.")
        if not 0 <= self.reserved < self.connections:
            raise ValueError("SAP reserved must be below its connections.")
