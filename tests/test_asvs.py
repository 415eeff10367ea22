"""The page that says which test shows which item of ASVS 5.0 tells the truth."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from argon2 import Type

from pos_app.services import credential
from tests.test_lessons import NAME, names

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"\| ([\d.]+) \| (.+?) \| (.+) \|")

AREAS = {
    "1": ("2.1", "2.4", "2.5", "2.10", "3.3", "3.6", "3.7", "4.2", "5.1"),
    "2": ("2.1", "2.2", "2.3", "3.1", "3.3", "3.4", "4.1"),
    "4": ("1.1", "1.3", "2.1", "4.1", "4.2", "4.3"),
    "5": ("2.1", "2.2", "2.3", "3.1", "3.2", "4.1", "4.2"),
    "6": (*(f"2.{one}" for one in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12)), "3.1", "3.2", "4.1", "5.1",
          "5.3", "5.5", "6.3"),
    "7": ("2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "4.1", "4.2", "4.3", "4.5", "5.1", "5.2"),
    "8": ("2.1", "2.2", "2.3", "3.1", "4.1"),
    "9": ("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4"),
    "11": ("3.1", "3.2", "3.3", "4.1", "4.2", "5.1"),
    "12": ("1.1", "3.1", "3.2"),
    "13": ("2.3", "4.1", "4.2", "4.3", "4.4", "4.5"),
    "14": ("2.1", "2.6", "3.2"),
    "15": ("1.2", "2.3", "3.1", "3.2", "3.3", "3.7"),
    "16": ("2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2", "3.3", "4.1", "5.1", "5.2", "5.3"),
}  # fmt: skip
"""The items of levels 1 and 2 that a machine can test, by chapter."""

MAKES_SECRETS = ("api_key", "session", "password_reset", "two_factor", "seal", "portal")
NO_SECRETS = {"ids", "services/mail/work", "services/sync", "services/webhook/work", "webhook_work"}
"""They draw identities, which guard nothing, and the spread of second tries."""


def page() -> str:
    return (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")


def test_every_item_has_a_row_that_names_tests_or_says_why_there_is_none() -> None:
    told = {match[1]: match[3] for line in page().splitlines() if (match := ROW.fullmatch(line))}
    wanted = [f"{chapter}.{item}" for chapter, items in AREAS.items() for item in items]
    assert list(told) == wanted
    assert [
        one for one, text in told.items() if not NAME.search(text) and "no test" not in text
    ] == []


def test_every_test_the_page_names_exists() -> None:
    assert set(NAME.findall(page())) - names() == set()


def test_no_secret_is_made_by_a_plain_generator() -> None:
    """ASVS 5.0 6.5.3, 7.2.3, 11.5.1: from the operating system, by `secrets`."""
    plain, good = set(), set()
    for path in sorted((ROOT / "pos_app").rglob("*.py")):
        name = path.relative_to(ROOT / "pos_app").with_suffix("").as_posix()
        imported = {name.partition(".")[0] for name in imports(path)}
        plain |= {name} if "random" in imported else set()
        good |= {name} if "secrets" in imported else set()
    assert {name for name in plain if not name.startswith(("simulation/", "sample/"))} == NO_SECRETS
    assert good & NO_SECRETS == set()
    assert {f"services/{name}" for name in MAKES_SECRETS} <= good


REACHES_OUT = {"httpx2", "smtplib", "socket", "urllib.request", "http.client", "ssl", "websockets"}
WAYS_OUT = {
    "fiscal/http_transport",  # the box, as the settings name it
    "pos_app/cli/check",  # a simulated box, as the console names it
    "printing/transport",  # a printer, as the settings or the till's Admin name it
    "sync/gateway/door",
    "sync/http",  # a till's server
    "sync/mail/smtp",
    "sync/sap/http_client",
    "sync/webhook/address",
    "sync/webhook/sender",
}
"""Every module that opens a connection to an address somebody may set: rows of docs/asvs.md."""

LISTENS = {"pos_app/api/server", "pos_app/mail_line", "pos_app/server_work", "sync/sap/tls"}
"""They listen, ask for this machine's own name, or only read certificates."""


def test_every_way_out_is_known_and_follows_nobody() -> None:
    """ASVS 5.0 1.3.6, 15.3.2: no proxy of the environment is asked, no redirect is followed."""
    found, wrong = set(), []
    for package in ("pos_app", "sync", "fiscal", "printing"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).with_suffix("").as_posix()
            if "simulat" in name or "/demo/" in name or not imports(path) & REACHES_OUT:
                continue
            found.add(name)
            wrong += [name for call in clients(path) if not follows_nobody(call)]
    assert found == WAYS_OUT | LISTENS
    assert wrong == []


def clients(path: Path) -> list[ast.Call]:
    """What a module opens or asks by the HTTP library."""
    made = (
        "Client",
        "AsyncClient",
        "HTTPTransport",
        "AsyncHTTPTransport",
        "get",
        "post",
        "request",
    )
    return [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr in made) == ("httpx2", True)
    ]


def follows_nobody(call: ast.Call) -> bool:
    """Whether it trusts no environment and follows no redirect."""
    told = {word.arg: getattr(word.value, "value", None) for word in call.keywords}
    return told.get("trust_env") is False and not told.get("follow_redirects", False)


def imports(path: Path) -> set[str]:
    """The names of the modules a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_passwords_are_hashed_at_the_cost_the_standard_asks() -> None:
    """ASVS 5.0 11.4.2 and appendix C: Argon2id with 19 MiB and two passes."""
    hasher = credential._HASHER
    assert (hasher.type, hasher.memory_cost >= 19 * 1024, hasher.time_cost >= 2) == (
        Type.ID, True, True,
    )  # fmt: skip
    assert hasher.salt_len >= 16
    assert hasher.hash_len >= 32
