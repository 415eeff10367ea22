"""What a story's steps sent and heard, as the examples of the description."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from pos_app.api import examples

FOLDER = Path(examples.__file__).parent
MOST_ROWS = 3
MOST_LETTERS = 400

STAND_INS: Mapping[str, Any] = {
    "accessToken": "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIi…",
    "refreshToken": "J-6mWWMp21BNDSv1yDY9EKfVelQzRR-JEoqpJr_0tL22…",
    "twoFactorToken": "fysDAwkIKWvKCrxHOWN_gFO1nH4vG8kEW7Le165o2IY",
    "token": "BODqFhNFEPJ9jSd-On7rL6ftfzS6AOzbqFMdcJ_qUf0",
    "secretKey": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "manualEntryKey": "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP",
    "qrCodeUri": "otpauth://totp/ShopInventory:the-admin?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    "&issuer=ShopInventory",
    "backupCodes": ["1-bvfux-kb4kd", "2-n99nk-ft79k"],
    "passwordHash": "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0$YSBoYXNo…",
    "sha256": "ef6ff69615bde2a9a8b43c9bedadf4e40a61da40355d7434b850474942ea4d1c",
    "sizeBytes": 54716,
    "sizeFormatted": "53.4 KB",
    "totalSizeBytes": 54716,
    "totalSizeFormatted": "53.4 KB",
    "instance": "4711",
    "durationMs": 3,
}
"""What differs from run to run: secrets made by chance, sizes, times."""

CODE = re.compile(r"\d{6}|\d+-\w{5}-\w{5}")
"""A code of the second factor, or a backup code."""

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
"""An id of ours, which tells how many were made before it."""

SEAL = re.compile(r'"[0-9a-f]{64}"|"[0-9A-F]{128}"')
"""What a provider signs a payment with, our id in it."""


def made(sent: Mapping[str, Any], at: Mapping[str, Any], query: Any, answer: Any) -> dict[str, Any]:
    """One example, without what is empty.

    Args:
        sent: what went with the request: ``json``, ``data``, ``files`` or ``content``; ``headers``.
        at: the parameters of the path, in its order.
        query: those behind it.
        answer: the response of the client.
    """
    told: dict[str, Any] = {"status": answer.status_code}
    if at:
        told["path"] = [shortened(value) for value in at.values()]
    if query:
        told["query"] = shortened(query)
    kind, body = _body(sent)
    if kind:
        told |= {"kind": kind, "body": shortened(body)}
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.content and kind == "application/json":
        told |= {"answer_kind": kind, "answer": shortened(answer.json())}
    elif answer.content and kind.startswith("text/"):
        told |= {"answer_kind": kind, "answer": shortened(answer.text)}
    return told


def shortened(value: Any, name: str = "") -> Any:
    """A value with stand-ins for secrets, the first rows of lists, the beginning of long texts."""
    if value and name in STAND_INS:
        return STAND_INS[name]
    if isinstance(value, Mapping):
        return {key: shortened(inner, key) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [shortened(inner) for inner in value[:MOST_ROWS]]
    if isinstance(value, str) and name == "code" and CODE.fullmatch(value):
        return "123456"
    if isinstance(value, str) and len(value) > MOST_LETTERS:
        return f"{value[:MOST_LETTERS]}…"
    return value


def text(told: Mapping[str, Any]) -> str:
    """The file of a story."""
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def without_ids(told: Mapping[str, Any]) -> Any:
    """What is compared: other ids make no other example."""
    return json.loads(SEAL.sub('"seal"', ID.sub("id", text(told))))


def written(name: str) -> dict[str, Any]:
    """The examples of a story as they stand in its file."""
    file = FOLDER / f"{name}.json"
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found


def _body(sent: Mapping[str, Any]) -> tuple[str, Any]:
    if "json" in sent:
        return "application/json", sent["json"]
    if sent.get("files"):
        named = {field: name for field, (name, _) in sent["files"].items()}
        return "multipart/form-data", {k: str(v) for k, v in sent["data"].items()} | named
    if "content" not in sent:
        return "", None
    kind = next(value for name, value in sent["headers"].items() if name.lower() == "content-type")
    if kind == "application/x-www-form-urlencoded":
        return kind, dict(parse_qsl(_letters(sent["content"])))
    return "application/json", json.loads(sent["content"])


def _letters(content: str | bytes) -> str:
    return content.decode() if isinstance(content, bytes) else content
