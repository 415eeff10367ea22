"""The two dialects of Service Layer, read by one adapter.

``/b1s/v1`` speaks OData 3, ``/b1s/v2`` OData 4; they differ in the wrappers only (SAP Service
Layer user guide). Builds mix them, so reading accepts both and only asking differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.sap import decimal_json
from sync.sap.port import Response

KEPT_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that is not a success.

    Attributes:
        status: HTTP status.
        code: SAP's code as text, None when the answer is not SAP's own.
        text: SAP's words, or the first 2,000 characters of whatever came.
    """

    status: int
    code: str | None
    text: str


def read_failure(response: Response) -> Failure:
    """SAP's error out of an answer of any shape: either dialect, a proxy's page, nothing."""
    raw = response.body.decode("utf-8", "replace").strip()[:KEPT_TEXT]
    try:
        error = decimal_json.loads(response.body)["error"]
        return Failure(response.status, str(error["code"]), _message(error["message"]))
    except (ValueError, KeyError, TypeError):
        text = raw or f"HTTP {response.status} without a body"
        return Failure(response.status, None, text)


def next_link(page: Any) -> str | None:
    """The link to the next page, relative, or None on the last one."""
    if not isinstance(page, dict):
        return None
    link = page.get("odata.nextLink") or page.get("@odata.nextLink")
    return str(link) if link else None


def etag_of(row: Mapping[str, Any]) -> str | None:
    """The version an entity came in, when its body says so."""
    version = row.get("odata.etag") or row.get("@odata.etag")
    return None if version is None else str(version)


def inline_count(page: Any) -> int | None:
    """The count that came with a page, None when none was asked for."""
    count = page.get("odata.count", page.get("@odata.count"))
    return None if count is None else int(count)


def scalar(data: Any) -> Any:
    """The bare value of a function's answer: itself in OData 3, ``value`` in OData 4."""
    return data["value"] if isinstance(data, dict) and "value" in data else data


def count_option(url: str) -> tuple[str, str]:
    """The query option that asks the dialect of a base address for an inline count."""
    return ("$count", "true") if url.rstrip("/").endswith("v2") else ("$inlinecount", "allpages")


def _message(message: Any) -> str:
    return str(message["value"]) if isinstance(message, dict) else str(message)
