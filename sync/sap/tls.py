"""Who is on the other end: certificates by the system, by a bundle, or by their fingerprint.

Service Layer comes with a certificate it signed itself; the way to trust it is to know it, never
to look away (SAP Service Layer user guide). There is no way to switch verification off.
"""

from __future__ import annotations

import hashlib
import ssl
from typing import Any

PIN = "sha256:"
DIGITS = 64


def is_pin(verify: str) -> bool:
    """Whether a setting is a fingerprint and not the path of a bundle."""
    return verify.startswith(PIN)


def read_pin(verify: str) -> str:
    """The fingerprint's hexadecimal digits; raises ValueError when it is none."""
    digits = verify.removeprefix(PIN).replace(":", "").replace(" ", "").lower()
    if len(digits) != DIGITS or set(digits) - set("0123456789abcdef"):
        raise ValueError(f"{verify!r} is not a fingerprint: {PIN} and {DIGITS} hexadecimal digits.")
    return digits


def context_for(verify: str | None) -> ssl.SSLContext:
    """How to verify a server.

    Args:
        verify: None for certificates the system trusts, the path of a bundle in PEM, or
            ``sha256:`` and the fingerprint of the one certificate that may answer.

    Raises:
        OSError, ssl.SSLError: the bundle cannot be read.
        ValueError: the fingerprint is none.
    """
    if verify is None:
        return ssl.create_default_context()
    if not is_pin(verify):
        return ssl.create_default_context(cafile=verify)
    context = _PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    # Name and issuer of a certificate known by its fingerprint add nothing.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.pin = read_pin(verify)
    return context


class _PinnedSocket(ssl.SSLSocket):
    """Refuses any certificate but one, before a byte of the request leaves."""

    def do_handshake(self, block: bool = False) -> None:
        super().do_handshake(block)
        context: Any = self.context
        shown = hashlib.sha256(self.getpeercert(binary_form=True) or b"").hexdigest()
        if shown != context.pin:
            raise ssl.SSLCertVerificationError(f"the server shows the certificate {PIN}{shown}")


class _PinnedContext(ssl.SSLContext):
    """A context whose sockets look at the fingerprint."""

    sslsocket_class = _PinnedSocket
    pin: str = ""
