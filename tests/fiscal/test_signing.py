"""Signatures: published ones verify, our keys sign and are made once."""

from __future__ import annotations

import base64
import stat
from pathlib import Path
from typing import Any

import pytest

from fiscal import qr
from fiscal.signing import is_signed, seeded_signer, stored_signer
from tests.fiscal.samples import vectors

GOLDEN: dict[str, Any] = vectors("golden_day")  # type: ignore[assignment]
MESSAGE = GOLDEN["receipts"][0]["text"]


@pytest.mark.parametrize("vector", vectors("signatures"), ids=lambda vector: vector["name"])
def test_published_signatures_verify(vector: dict[str, Any]) -> None:
    signature = base64.b64decode(vector["signature_b64"])
    assert is_signed(MESSAGE, signature, vector["public_key"])
    assert not is_signed(MESSAGE + " ", signature, vector["public_key"])
    assert qr.signature_code(signature) == vector["qr"][-16:]


def test_stored_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    path = tmp_path / "box" / "key.pem"
    first = stored_signer(path)
    again = stored_signer(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first.sign(MESSAGE) == again.sign(MESSAGE)
    assert len(first.sign(MESSAGE)) == 256
    assert is_signed(MESSAGE, first.sign(MESSAGE), again.public_pem)


def test_seeded_key_repeats_itself_and_verifies() -> None:
    one, same, other = seeded_signer("a"), seeded_signer("a"), seeded_signer("b")
    assert one.sign(MESSAGE) == same.sign(MESSAGE)
    assert one.public_pem == same.public_pem != other.public_pem
    assert is_signed(MESSAGE, one.sign(MESSAGE), one.public_pem)
    assert not is_signed(MESSAGE, one.sign(MESSAGE), other.public_pem)


def test_a_file_that_is_no_rsa_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("not a key")
    with pytest.raises(ValueError, match=r".+"):
        stored_signer(path)
