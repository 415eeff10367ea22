"""QR data: composed as on real receipts, and read back."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

import pytest

from fiscal import qr
from tests.fiscal.samples import vectors

ALL = vectors("qr")
SIGNED = [vector for vector in ALL if "signature_b64" in vector or "signature_hex" in vector]


def tail(vector: dict[str, Any]) -> qr.QrTail:
    day = date.fromisoformat(vector["date"])
    return qr.QrTail(vector["device"], day, vector["global_no"], vector["code16"])


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector["name"])
def test_composed_as_published(vector: dict[str, Any]) -> None:
    base = vector["qr"][: -qr.TAIL_LENGTH].rstrip("/")
    assert qr.compose(base, tail(vector)) == vector["qr"]
    assert qr.compose(base + "/", tail(vector)) == vector["qr"]


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector["name"])
def test_read_back(vector: dict[str, Any]) -> None:
    found = qr.parse(vector["qr"])
    assert found == tail(vector)
    assert found is not None
    assert found.verification_code == (vector["code"] or qr.grouped(vector["code16"]))


@pytest.mark.parametrize("vector", SIGNED, ids=lambda vector: vector["name"])
def test_code_is_over_the_raw_signature(vector: dict[str, Any]) -> None:
    if "signature_hex" in vector:
        signature = bytes.fromhex(vector["signature_hex"])
    else:
        signature = base64.b64decode(vector["signature_b64"])
    assert qr.signature_code(signature) == vector["code16"]


@pytest.mark.parametrize("vector", vectors("not_codes"), ids=lambda vector: vector["name"])
def test_code_is_not_over_any_text(vector: dict[str, Any]) -> None:
    signature = base64.b64decode(vector["text"] + "=")
    assert qr.signature_code(signature) != vector["value"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://fdms.zimra.co.zw/",
        "https://fdms.zimra.co.zw/0000022862170920260000219735FA614C42F679520",
        "https://fdms.zimra.co.zw/0000022862311320260000219735FA614C42F679520B",
        "https://fdms.zimra.co.zw/000002286217092026000021973xFA614C42F679520B",
        "https://fdms.zimra.co.zw/0000022862170920260000219735fa614c42f679520b",
    ],
    ids=["empty", "no tail", "too short", "month 13", "a letter", "lower case"],
)
def test_what_is_no_tail_is_none(text: str) -> None:
    assert qr.parse(text) is None
