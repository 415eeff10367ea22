"""How to reach one company in one Service Layer."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds to wait, by what is waited for.

    Attributes:
        connect: until the connection stands.
        login: for Login, which takes three to eight seconds on a healthy system.
        read: for a lean read.
        page: for one page of a bulk read.
        write: for posting a document, which can take minutes.
    """

    connect: float = 10
    login: float = 60
    read: float = 60
    page: float = 300
    write: float = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SapSettings:
    """One company database behind one Service Layer.

    Attributes:
        url: base address ending in ``/b1s/v1`` or ``/b1s/v2``.
        company_db: the company database.
        user: SAP user code.
        password: never shown in a representation of the settings.
        verify: True for public certificates, or the path of a CA bundle; False only in a lab.
        timeouts: see `Timeouts`.
        page_size: rows asked for per page of a bulk read.
        key_field: the user-defined field that carries our idempotency key.
        payment_key_field: the same on incoming payments, for companies that created one.
        count_key_field: the same on inventory countings and postings; without one, Remarks
            carries the key.
        connections: most simultaneous connections.
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
    verify: bool | str = True
    timeouts: Timeouts = field(default_factory=Timeouts)
    page_size: int = 500
    key_field: str = "U_Van_saleorder"
    payment_key_field: str | None = None
    count_key_field: str | None = None
    connections: int = 6
    read_attempts: int = 3
    login_attempts: int = 4
    login_hold: float = 600
    breaker_failures: int = 5
    breaker_seconds: float = 30

    def __post_init__(self) -> None:
        if not self.url.rstrip("/").endswith(("/b1s/v1", "/b1s/v2")):
            raise ValueError(f"The SAP url {self.url!r} must end in /b1s/v1 or /b1s/v2.")
        if self.page_size < 1 or self.connections < 1:
            raise ValueError("SAP page_size and connections must be at least 1.")
