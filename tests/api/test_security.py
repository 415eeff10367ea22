"""What ASVS 5.0 asks of every route at once; what it asks of one slice stands with the slice."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from starlette.websockets import WebSocketDisconnect

from pos_app.api.headers import MASTER_DATA, SECURITY
from pos_app.api.hub_socket import REFUSED
from pos_app.services.seal import Seal, SecretLost
from pos_app.store import session as sessions
from pos_app.store import user as users
from pos_app.store.engine import Store
from tests.api.house import Caller, House, invoice_body
from tests.api.test_access import MATRIX
from tests.api.test_attachment import send
from tests.cheap import cheap

__all__ = ["cheap"]
pytestmark = pytest.mark.usefixtures("cheap")
QUOTED = "' OR '1'='1"
INSIDE = ("Traceback", "sqlite3", "psycopg", "sqlalchemy", "SELECT ", "site-packages", '.py"')
"""What an answer never tells of the server's inside."""

OWN_PAGES = frozenset({"/docs"})
"""A page with a policy of its own, for browsers."""

WITH_TOKEN = frozenset({("/api/Password/reset/validate", "token")})
"""The contract's one secret in an address: good once, for a day, and never logged."""


def reads(house: House) -> list[str]:
    """Every path that is read, with something odd where it wants a parameter."""
    paths = sorted(path for method, path in MATRIX if method == "GET")
    return [path for path in paths if path not in OWN_PAGES and "hub" not in path.lower()]


def filled(path: str, value: str) -> str:
    """A path with a value in the place of every parameter."""
    parts = [value if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


def clear_now_and_then(house: House, number: int) -> None:
    """Keep a sweep within what a client may ask."""
    if number % 40 == 0:
        house.fresh_limits()


def test_every_answer_says_what_it_is_and_who_may_keep_it(quick: House) -> None:
    """ASVS 5.0 3.3.1, 3.4.3-3.4.6, 4.1.1, 14.3.2: on every route that reads, let in or not."""
    wrong = []
    for caller in (quick.as_role("Admin"), Caller(quick.client, {})):
        for number, path in enumerate(reads(quick)):
            clear_now_and_then(quick, number)
            answer = caller.get(filled(path, "1"))
            kept = answer.headers["cache-control"]
            is_private = "no-store" in kept or kept.startswith("private")
            kind = answer.headers.get("content-type", "")
            checks = {
                "server error": answer.status_code < 500 or answer.status_code == 503,
                "cookie": "set-cookie" not in answer.headers,
                "kind": bool(kind) and (not kind.startswith("text/") or "charset=" in kind),
                "kept": is_private or path.lower().startswith(MASTER_DATA),
                "header": all(answer.headers.get(name) == SECURITY[name] for name in SECURITY),
                "server": "server" not in answer.headers and "x-powered-by" not in answer.headers,
            }
            wrong += [(path, answer.status_code, name) for name, good in checks.items() if not good]
    assert wrong == []


def test_quotes_in_every_address_are_only_text(quick: House) -> None:
    """ASVS 5.0 1.2.4, 16.5.1: SQL in any parameter of any route finds nothing and tells nothing."""
    caller, wrong = quick.as_role("Admin"), []
    described = quick.app.openapi()["paths"]
    for number, path in enumerate(reads(quick)):
        asked = described.get(path, {}).get("get", {}).get("parameters", [])
        query = {row["name"]: QUOTED for row in asked if row["in"] == "query"}
        clear_now_and_then(quick, number)
        answer = caller.client.get(filled(path, QUOTED), params=query, headers=caller.headers)
        if answer.status_code >= 500 and answer.status_code != 503:
            wrong.append((path, answer.status_code))
        wrong += [(path, word) for word in INSIDE if word in answer.text]
    assert wrong == []


def test_no_secret_travels_in_an_address(quick: House) -> None:
    """ASVS 5.0 14.2.1: no route asks for one, and none is taken from there."""
    secret = ("password", "secret", "token", "apikey", "api_key", "pin")
    asked = [
        (path, row["name"])
        for path, methods in quick.app.openapi()["paths"].items()
        for told in methods.values()
        for row in told.get("parameters", [])
        if row["in"] == "query" and any(word == row["name"].lower() for word in secret)
    ]
    assert set(asked) == WITH_TOKEN
    token, key = quick.token("Admin"), quick.key()
    for query in ({"access_token": token}, {"token": token}, {"X-API-Key": key}, {"apiKey": key}):
        assert quick.client.get("/api/Invoice", params=query).status_code == 401


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "DEBUG", "HEAD", "PATCH"])
def test_methods_nobody_serves_are_refused(quick: House, method: str) -> None:
    """ASVS 5.0 4.1.4, 13.4.4."""
    headers = quick.as_role("Admin").headers | {"X-Probe": "comes-back"}
    answer = quick.client.request(method, "/api/Invoice", headers=headers)
    assert answer.status_code == 405
    assert "comes-back" not in answer.text


@pytest.mark.parametrize(
    "name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL"]
)
def test_no_header_makes_another_request_of_it(quick: House, name: str) -> None:
    """ASVS 5.0 4.1.3: what a proxy may say, a client may not."""
    admin = quick.as_role("Admin")
    entry = admin.post("/api/Invoice", invoice_body(status="Draft")).json()["id"]
    odd = "/api/User" if name.endswith("URL") else "DELETE"
    headers = admin.headers | {name: odd}
    assert quick.client.get(f"/api/Invoice/{entry}", headers=headers).json()["id"] == entry
    assert admin.get(f"/api/Invoice/{entry}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/.git/HEAD",
        "/.env",
        "/server.db",
        "/config.toml",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/docs/..%2f..%2fconfig.toml",
        "/api/Backup/..%2f..%2fetc%2fpasswd/download",
        "/api/Document/attachments/..%2f1/download",
        "//elsewhere.example/",
    ],
)
def test_nothing_of_the_machine_is_served(quick: House, path: str) -> None:
    """ASVS 5.0 5.3.2, 13.4.1, 13.4.3, 13.4.5."""
    answer = quick.client.get(path, headers=quick.as_role("Admin").headers, follow_redirects=False)
    assert answer.status_code in {400, 404}
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("../../etc/passwd.pdf", 201),
        ("..\\..\\windows\\x.pdf", 201),
        ("a\r\nSet-Cookie: x=1.pdf", 201),
        ('"; filename="evil.exe".pdf', 201),
        ("=HYPERLINK(1).pdf", 201),
        ("<img src=x onerror=alert(1)>.pdf", 201),
        ("\u202efdp.exe.pdf", 400),
    ],
)
def test_a_name_of_a_file_is_only_a_name(quick: House, name: str, status: int) -> None:
    """ASVS 5.0 5.3.1, 5.3.2, 5.4.1, 5.4.2: it leaves neither its folder nor its header."""
    admin = quick.as_role("Admin")
    entry = admin.post("/api/Invoice", invoice_body()).json()["docEntry"]
    path = "/api/Document/attachments"
    made = send(admin, path, name, entityType="Invoice", entityId=entry)
    assert made.status_code == status, made.text
    if status != 201:
        return
    assert not set("/\\\r\n") & set(made.json()["fileName"])
    answer = admin.get(made.json()["downloadUrl"])
    said = answer.headers["content-disposition"]
    assert said.startswith('attachment; filename="')
    assert (said.count('"'), "set-cookie" in answer.headers) == (2, False)


HIDDEN = re.compile("password|secret|hash|pin|seal|verifier|apikey", re.IGNORECASE)
SHOWN = frozenset({
    "mustChangePassword",  # whether, not which
    "secretKey",  # of a second factor: the one answer that sets it up
    "passwordHash",  # of `generate-hash`, in a demo alone
    "hasSecret",
    "content_hash",  # of what a till handed over
    "whitelistedApiKeys",  # by name
})  # fmt: skip


def test_no_answer_has_a_field_for_a_secret(quick: House) -> None:
    """ASVS 5.0 14.2.6, 15.3.1: what is not in the shape of an answer cannot be given away."""
    described = quick.app.openapi()
    asked = {
        name
        for methods in described["paths"].values()
        for told in methods.values()
        for answer in told["responses"].values()
        for name in fields(described, answer, set())
    }
    assert len(asked) > 800
    assert {name for name in asked if HIDDEN.search(name)} - SHOWN == set()


def fields(described: dict[str, Any], node: Any, seen: set[str]) -> Iterator[str]:
    """Every name of a field under a part of the description, references followed once."""
    if isinstance(node, list):
        for one in node:
            yield from fields(described, one, seen)
        return
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if reference is not None and reference not in seen:
        seen.add(reference)
        name = reference.rpartition("/")[2]
        yield from fields(described, described["components"]["schemas"][name], seen)
    yield from node.get("properties", {})
    for key, value in node.items():
        if key not in {"example", "examples", "description"}:
            yield from fields(described, value, seen)


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/html", "application/xml", "multipart/form-data", "text/json", ""]
)
def test_a_body_of_another_kind_is_not_guessed_at(quick: House, kind: str) -> None:
    """ASVS 5.0 4.1.1, 15.3.5: a form of another site cannot send JSON in disguise."""
    headers = quick.as_role("Admin").headers | {"Content-Type": kind}
    body = json.dumps(invoice_body()).encode()
    answer = quick.client.post("/api/Invoice", content=body, headers=headers)
    assert answer.status_code == 415
    assert quick.as_role("Admin").get("/api/Invoice").json()["totalCount"] == 0


def test_a_parameter_given_twice_is_one(quick: House) -> None:
    """ASVS 5.0 15.3.7: the last one counts, in the address as in the body."""
    admin = quick.as_role("Admin")
    admin.post("/api/Invoice", invoice_body())
    twice = "/api/Invoice?cardCode=NOBODY&cardCode=C0001"
    assert admin.get(twice).json()["totalCount"] == 1
    body = json.dumps(invoice_body(numAtCard="PO-2")).replace(
        '"quantity": 10', '"quantity": 10, "quantity": 3'
    )
    headers = admin.headers | {"Content-Type": "application/json"}
    answer = quick.client.post("/api/Invoice", content=body.encode(), headers=headers)
    assert answer.json()["lines"][0]["quantity"] == 3


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ self.__init__.__globals__ }}",
        "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    ],
)
def test_a_template_runs_nothing(quick: House, source: str) -> None:
    """ASVS 5.0 1.3.7: whoever writes one may name what a paper says, and nothing else."""
    admin = quick.as_role("Admin")
    body = {"name": "Odd", "documentType": "Invoice", "htmlContent": source}
    answer = admin.post("/api/Document/templates", body)
    assert answer.status_code == 400
    letter = {"name": "Odd", "templateCode": "ODD", "subject": "Hi", "bodyContent": source}
    assert admin.post("/api/Document/email-templates", letter).status_code == 400


def test_nobody_is_there_by_default(sqlite_store: Store) -> None:
    """ASVS 5.0 6.3.2: new books know no user and no key, whatever they would be called."""
    with sqlite_store.read() as connection:
        assert users.page(connection, limit=10) == []
        assert sessions.keys(connection) == []


SHUT = {"/api/Payment/callback": 404, "/sync": 403, "/sync/charges": 403}
"""No such provider is set up here, and an Admin is no till."""


def test_every_route_that_writes_refuses_what_has_no_shape(quick: House) -> None:
    """ASVS 5.0 2.2.1, 2.2.2: a body nobody asked for is refused, and is no error of ours."""
    admin, wrong, asked = quick.as_role("Admin"), [], 0
    for path, methods in quick.app.openapi()["paths"].items():
        for method, told in methods.items():
            if "application/json" not in told.get("requestBody", {}).get("content", {}):
                continue
            asked += 1
            clear_now_and_then(quick, asked)
            answer = quick.client.request(
                method, filled(path, "1"), json=[["odd"]], headers=admin.headers
            )
            if answer.status_code != SHUT.get(path.rpartition("/")[0], 400):
                wrong.append((method, path, answer.status_code))
    assert (wrong, asked > 90) == ([], True)


def test_a_page_elsewhere_opens_no_hub(quick: House) -> None:
    """ASVS 5.0 3.4.2, 4.4.2: cookies and origin sign in nobody, and no page elsewhere reads us."""
    token = quick.token()
    headers = {
        "Origin": "https://elsewhere.example",
        "Cookie": f"access_token={token}; token={token}",
    }
    with (
        quick.client.websocket_connect("/hubs/notifications", headers=headers) as socket,
        pytest.raises(WebSocketDisconnect) as ended,
    ):
        socket.receive_text()
    assert ended.value.code == REFUSED
    assert quick.client.get("/api/Invoice", headers=headers).status_code == 401
    asked = headers | {"Access-Control-Request-Method": "POST", "Authorization": f"Bearer {token}"}
    for method in ("GET", "OPTIONS"):
        answer = quick.client.request(method, "/api/Invoice", headers=asked)
        assert answer.status_code == (200 if method == "GET" else 405)
        assert [name for name in answer.headers if name.startswith("access-control")] == []


def test_a_fault_while_asking_who_it_is_lets_nobody_in(
    quick: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ASVS 5.0 16.5.3: an error of any kind is a no."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the session table is gone")

    headers = quick.as_role("Admin").headers
    key = {"X-API-Key": quick.key()}
    monkeypatch.setattr("pos_app.api.auth.session.account_of", fail)
    monkeypatch.setattr("pos_app.api.auth.api_key.account_of", fail)
    for credentials in (headers, key):
        answer = quick.client.get("/api/Product", headers=credentials)
        assert answer.status_code == 500
        assert quick.app.debug is False, "ASVS 5.0 13.4.2"
        assert not [word for word in INSIDE if word in answer.text], "ASVS 5.0 16.5.1"
        assert "session table" not in answer.text
        assert "products" not in answer.text


def test_secrets_are_sealed_by_a_cipher_that_notices_changes() -> None:
    """ASVS 5.0 11.3.1-11.3.3: one bit, another owner, purpose or key open nothing."""
    seal = Seal("a server's secret", "two-factor")
    closed = seal.close("JBSWY3DPEHPK3PXP", of="U-1")
    assert seal.open(closed, of="U-1") == "JBSWY3DPEHPK3PXP"
    assert seal.close("JBSWY3DPEHPK3PXP", of="U-1") != closed, "no two are alike"
    raw = bytearray(base64.b64decode(closed))
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"two-factor")
    cipher = AESGCM(made.derive(b"a server's secret"))
    opened_elsewhere = cipher.decrypt(bytes(raw[:12]), bytes(raw[12:]), b"U-1")
    assert opened_elsewhere == b"JBSWY3DPEHPK3PXP", "AES-256-GCM, under a key of 32 bytes"
    raw[-1] ^= 1
    others = (
        (seal, base64.b64encode(raw).decode(), "U-1"),
        (seal, closed, "U-2"),
        (Seal("a server's secret", "webhook"), closed, "U-1"),
        (Seal("another secret", "two-factor"), closed, "U-1"),
    )
    for opened, text, owner in others:
        with pytest.raises(SecretLost):
            opened.open(text, of=owner)
