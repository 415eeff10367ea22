"""Logs go to a rotating file, one JSON object a line, and never onto a screen."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog

BYTES_MAX = 5_000_000
FILES = 5
HIDDEN = frozenset({"pin", "password", "apikey", "token", "secret", "authorization", "cookie"})
"""Words that, within a name, say that its value is not to be written (production lesson L85)."""


def to_file(path: Path) -> None:
    """Send every log of this process to a file that is renewed before it grows too large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=BYTES_MAX, backupCount=FILES, encoding="utf-8")
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=_shared(),
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("httpx2", "httpcore2"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


@contextmanager
def silent() -> Iterator[None]:
    """Write no log meanwhile: what happens is told in another way, and trouble is meant."""
    before = structlog.get_config()
    structlog.configure(processors=[_drop], cache_logger_on_first_use=False)
    try:
        yield
    finally:
        structlog.configure(**before)


def _drop(
    _logger: object, _method: str, _event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    raise structlog.DropEvent


def _shared() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _hide,
    ]


def _hide(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {name: _shown(name, value) for name, value in event.items()}


def _shown(name: object, value: Any) -> Any:
    """The value, unless it goes by the name of a secret; whatever it is nested in."""
    if _is_secret(str(name)):
        return "***"
    if isinstance(value, Mapping):
        return {str(key): _shown(key, inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown("", inner) for inner in value]
    return value


def _is_secret(name: str) -> bool:
    words = re.split(r"[^a-z0-9]+", name.lower())
    pairs = {before + after for before, after in pairwise(words)}
    return not HIDDEN.isdisjoint({*words, *pairs})
