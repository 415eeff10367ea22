"""Answers as odd boxes give them: true in substance, strange in shape, or of another device."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from fiscal import decimal_json, qr
from fiscal.simulator.answers import Answer


def mangled(envelope: Answer, do: str, rng: random.Random) -> Answer:
    """The same answer with one known oddity; chance says how its data is left out."""
    if do == "code_number":
        return envelope | {"Code": int(envelope["Code"])}
    if do == "data_empty":
        emptied = rng.choice(({"Data": ""}, {"Data": None}, {}))
        return {key: value for key, value in envelope.items() if key != "Data"} | emptied
    if do == "data_string":
        return envelope | {"Data": decimal_json.dumps(envelope["Data"])}
    if do == "qr_empty":
        return envelope | {"QRcode": "", "VerificationCode": ""}
    if do == "qr_wrong":
        return _of_neighbour(envelope)
    return _of_sister(envelope)


def _of_neighbour(envelope: Answer) -> Answer:
    """QR data that belongs to the receipt after this one."""
    tail = qr.parse(envelope["QRcode"])
    if tail is None:
        return envelope
    wrong = replace(tail, receipt_global_no=tail.receipt_global_no + 1)
    return envelope | {"QRcode": qr.compose(envelope["QRcode"][: -qr.TAIL_LENGTH], wrong)}


def _of_sister(envelope: Answer) -> Answer:
    """The answer a second device on the same box would give; refusals are the same."""
    tail = qr.parse(envelope["QRcode"])
    if tail is None:
        return envelope
    ours, theirs = envelope["DeviceID"], str(tail.device_id + 1)
    base = envelope["QRcode"][: -qr.TAIL_LENGTH]
    sister = replace(tail, device_id=tail.device_id + 1)
    return envelope | {
        "DeviceID": theirs,
        "QRcode": qr.compose(base, sister),
        "Data": _renamed(envelope["Data"], f"{ours}-", f"{theirs}-"),
    }


def _renamed(data: Any, ours: str, theirs: str) -> Any:
    if not isinstance(data, dict):
        return data
    if "receipt" in data:
        return {"receipt": _renamed(data["receipt"], ours, theirs)}
    named = {key: data[key] for key in ("invoiceNo", "receiptNotes") if key in data}
    return data | {key: theirs + text.removeprefix(ours) for key, text in named.items()}
