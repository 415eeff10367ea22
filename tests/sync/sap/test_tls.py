from __future__ import annotations

import hashlib
import re
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sync.sap.http_client import HttpxHttp
from sync.sap.port import NotSent
from sync.sap.settings import SapSettings
from sync.sap.tls import context_for

ROOT = Path(__file__).parents[3]
BORN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Certified:
    """A server with a certificate it signed itself."""

    url: str
    bundle: Path
    fingerprint: str
    seen: list[str]


def certificate(directory: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BORN - timedelta(days=3650))
        .not_valid_after(BORN + timedelta(days=36500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, secret = directory / "shown.pem", directory / "secret.pem"
    shown.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return shown, secret


@pytest.fixture
def certified(tmp_path: Path) -> Iterator[Certified]:
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    shown, secret = certificate(tmp_path, "sap")
    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, secret)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    der = ssl.PEM_cert_to_DER_cert(shown.read_text())
    port = server.server_address[1]
    yield Certified(
        f"https://127.0.0.1:{port}/b1s/v1", shown, hashlib.sha256(der).hexdigest(), seen
    )
    server.shutdown()
    thread.join(10)
    server.server_close()


def ask(certified: Certified, verify: str | None) -> int:
    settings = SapSettings(url=certified.url, company_db="X", user="u", password="p", verify=verify)
    http = HttpxHttp(settings)
    try:
        return http.send("GET", f"{certified.url}/ping", headers={}, body=None, timeout=10).status
    finally:
        http.close()


def test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent(
    certified: Certified,
) -> None:
    with pytest.raises(NotSent):
        ask(certified, None)
    assert certified.seen == []


def test_a_bundle_or_a_fingerprint_lets_its_own_server_in(certified: Certified) -> None:
    assert ask(certified, str(certified.bundle)) == 204
    assert ask(certified, f"sha256:{certified.fingerprint}") == 204
    pairs = [certified.fingerprint[at : at + 2].upper() for at in range(0, 64, 2)]
    assert ask(certified, "sha256:" + ":".join(pairs)) == 204


def test_another_certificate_than_the_pinned_one_is_refused_before_anything_is_sent(
    certified: Certified,
) -> None:
    with pytest.raises(NotSent) as caught:
        ask(certified, "sha256:" + "0" * 64)
    assert certified.fingerprint in str(caught.value)
    assert certified.seen == []


@pytest.mark.parametrize("verify", ["", "false", "off", "none", "no", "0", "insecure"])
def test_no_word_switches_verification_off(verify: str) -> None:
    try:
        context = context_for(verify)
    except OSError:
        return  # taken for the path of a bundle that is not there
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_one_place_alone_decides_who_may_answer() -> None:
    """Looking away is written nowhere but where the fingerprint is compared instead."""
    sources = [path for path in (ROOT / "sync").rglob("*.py") if "simulator" not in path.parts]
    away = re.compile(r"CERT_NONE|verify\s*=\s*False|check_hostname\s*=\s*False")
    found = {path.name for path in sources if away.search(path.read_text(encoding="utf-8"))}
    assert found == {"tls.py"}


@pytest.mark.parametrize("verify", ["sha256:", "sha256:12", "sha256:" + "g" * 64])
def test_a_fingerprint_that_is_none_stops_the_start(verify: str) -> None:
    with pytest.raises(ValueError, match="fingerprint"):
        SapSettings(url="https://sap/b1s/v1", company_db="X", user="u", password="p", verify=verify)


def test_a_server_elsewhere_is_never_spoken_to_in_the_clear() -> None:
    with pytest.raises(ValueError, match="https"):
        SapSettings(url="http://sap.example.com/b1s/v1", company_db="X", user="u", password="p")
    SapSettings(url="http://127.0.0.1:50000/b1s/v1", company_db="X", user="u", password="p")
