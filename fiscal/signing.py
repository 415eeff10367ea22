"""Signatures of a fiscal device: RSA-2048 or ECDSA P-256, both over SHA-256 of the text."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Literal, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

KeyKind = Literal["rsa", "ecdsa"]

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Signer(Protocol):
    """Signs texts with the one key of a device."""

    def sign(self, text: str) -> bytes:
        """The raw signature; PKCS#1 v1.5 for RSA, DER for ECDSA (FDMS 7.2 §13)."""
        ...

    @property
    def public_pem(self) -> str:
        """The public key, for those who verify."""
        ...


class RsaSigner:
    """RSA with PKCS#1 v1.5 padding; the same text always gives the same signature."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key

    def sign(self, text: str) -> bytes:
        """The raw signature, 256 bytes for a key of 2048 bits."""
        return self._key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())

    @property
    def public_pem(self) -> str:
        """The public key."""
        return _public_pem(self._key.public_key())


class EcdsaSigner:
    """ECDSA on P-256 with nonces from the message (RFC 6979): repeatable, for simulations."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self._algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)

    def sign(self, text: str) -> bytes:
        """The DER signature, 70 to 72 bytes."""
        return self._key.sign(text.encode(), self._algorithm)

    @property
    def public_pem(self) -> str:
        """The public key."""
        return _public_pem(self._key.public_key())


def seeded_signer(seed: str) -> EcdsaSigner:
    """A key derived from a text; the same seed gives the same signatures, so never a real key."""
    number = int.from_bytes(hashlib.sha512(seed.encode()).digest(), "big")
    return EcdsaSigner(ec.derive_private_key(number % (_P256_ORDER - 1) + 1, ec.SECP256R1()))


def stored_signer(path: Path, *, kind: KeyKind = "rsa") -> RsaSigner | EcdsaSigner:
    """The key of a file, made once and readable by its owner only.

    Args:
        path: a PEM file; made when it is missing.
        kind: what to make: RSA of 2048 bits, or ECDSA on P-256. A key that is there stays.

    Raises:
        ValueError: the file holds no such key.
        OSError: the file cannot be read or made.
    """
    if not path.exists():
        _make_key(path, kind)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if isinstance(key, rsa.RSAPrivateKey):
        return RsaSigner(key)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return EcdsaSigner(key)
    raise ValueError(f"{path} holds no key a fiscal device signs with: remove it to have one made.")


def is_signed(text: str, signature: bytes, public_pem: str) -> bool:
    """Whether a signature over a text was made with the private half of a key."""
    key = serialization.load_pem_public_key(public_pem.encode())
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, text.encode(), ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _make_key(path: Path, kind: KeyKind) -> None:
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if kind == "rsa":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _public_pem(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
