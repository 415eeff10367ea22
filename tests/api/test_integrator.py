"""The page for integrators tells of routes that are there, and its receiver takes real notices."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime
from functools import partial
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pos_app.api.error_list import listed
from pos_app.api.examples import shape
from sync.webhook.message import Message, make
from tests.api.house import House
from tests.api.test_access import MATRIX

PAGE = Path(__file__).parents[2] / "docs" / "integrator.md"
AT = datetime(2026, 11, 2, 6, tzinfo=UTC)
FOREIGN = {"GET /docs", "GET /openapi.json", "POST /api/code/enquiry", "POST /api/code/generate"}
"""Pages of our own that are no operations, and what InnBucks is asked."""
SECRET = "whsec_abc123"


def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_every_route_it_names_is_there() -> None:
    """Written in whole, such as ``POST /api/Quotation``; the rest of a line is not looked at."""
    told = re.findall(r"\b(GET|POST|PUT|PATCH|DELETE)\s+(/[\w/{}.-]+)", text())
    known = {f"{method} {shape(path)}" for method, path in MATRIX}
    named = {f"{method} {shape(path.rstrip('.'))}" for method, path in told}
    assert len(named) > 25
    assert [one for one in sorted(named - FOREIGN) if not is_known(one, known)] == []


def is_known(route: str, known: set[str]) -> bool:
    """As it stands, or with something filled in where a parameter is."""
    pattern = {re.sub(r"\\\{\\\}", r"[^/]+", re.escape(one)) for one in known}
    return any(re.fullmatch(one, route) for one in pattern)


def test_every_code_it_names_is_one(quick: House) -> None:
    codes = {one.code for one in listed()}
    table = text().partition("## What went wrong")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", table))
    assert named
    assert named <= codes
    page = quick.client.get("/docs").text
    assert all(f"<code>{code}</code>" in page for code in codes)
    assert len(codes) > 250


@pytest.fixture
def receiver(capsys: pytest.CaptureFixture[str]) -> Any:
    """The sample of the page, at work on a free port for as many notices as come."""
    (sample,) = re.findall(r"```python\n(.*?)```", text(), flags=re.DOTALL)
    made, _, start = sample.rpartition("\n\n")
    assert start.startswith('HTTPServer(("127.0.0.1", 8080), Receiver).serve_forever()')
    names: dict[str, Any] = {}
    exec(compile(made, PAGE.name, "exec"), names)
    names["Receiver"].log_message = lambda *_: None
    with HTTPServer(("127.0.0.1", 0), names["Receiver"]) as server:
        thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join(10)


def notice(secret: str = SECRET) -> Message:
    data = {"docNum": 5001, "docTotal": 19.9}
    return make(
        event_id="E-1",
        event="invoice.created",
        at=AT,
        data=data,
        secret=secret,
        headers={},
        sent_at=AT,
    )


def test_its_receiver_takes_what_the_server_signs(
    receiver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    good, forged = notice(), notice("another")
    post = partial(httpx2.post, receiver, trust_env=False)
    assert post(content=good.body, headers=good.headers).status_code == 204
    assert post(content=good.body, headers=good.headers).status_code == 204, "it came again"
    assert post(content=forged.body, headers=forged.headers).status_code == 401
    odd = good.body.replace(b"5001", b"5002")
    assert post(content=odd, headers=good.headers).status_code == 401
    assert capsys.readouterr().out.count("invoice.created") == 1, "told once"
    assert json.loads(good.body)["signature"], "and signed inside, too"
