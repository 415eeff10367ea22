"""What must be read again and is no business of whoever steals the database: sealed at rest."""

from __future__ import annotations

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pos_app.domain.password import SecretLost

_NONCE = 12


class Seal:
    """AES-256-GCM under a key made of the server's secret, for one purpose (ASVS 5.0 11.3.2).

    What is sealed for one thing cannot be opened as another's.
    """

    def __init__(self, secret: str, purpose: str) -> None:
        made = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
        self._cipher = AESGCM(made.derive(secret.encode()))

    def close(self, plain: str, *, of: str) -> str:
        """Seal a text that belongs to `of`."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, plain.encode(), of.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, *, of: str) -> str:
        """The text again.

        Raises:
            SecretLost: the server has another secret now, or this belongs to something else.
        """
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], of.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SecretLost from error
