"""Which addresses a webhook may go to: no way into the shop's own network (ASVS 5.0 1.3.6).

A list of our own stands beside the standard library's, whose opinion of what is global has changed
between versions: addresses that carry an IPv4 address inside are judged by that one as well.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]

PORTS = frozenset({80, 443, 8080, 8443})
LONGEST = 500

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REFUSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/96", "64:ff9b:1::/48", "100::/64",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip


class AddressRefused(Exception):
    """A webhook may not go there.

    Attributes:
        reason: one clause for people.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Where webhooks may go besides public addresses.

    Attributes:
        networks: of the shop's own, any port of which may be called.
    """

    networks: tuple[Network, ...] = ()

    def knows(self, address: Address) -> bool:
        """Whether an address lies in one of the networks."""
        return any(address in network for network in self.networks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a webhook goes: the name that was asked for, and the address that was looked at."""

    scheme: str
    host: str
    port: int
    path: str
    address: Address


def check(url: str, policy: Policy) -> None:
    """Look at an address as it is written; names are resolved only when something is sent.

    Raises:
        AddressRefused: it cannot be one, or is a private one by its very text.
    """
    _, host, port, _ = _parts(url)
    literal = _literal(host)
    if literal is not None:
        _judge(literal, port, policy)
    elif host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        if not policy.networks:
            raise AddressRefused(f"{host} is this machine or one of the shop's own network")
    elif "." not in host and not policy.networks:
        raise AddressRefused(f"{host} is no name of the public network")


def resolve(url: str, policy: Policy, lookup: Resolve) -> Place:
    """Find the one address to connect to, after every address of the name was looked at.

    Raises:
        AddressRefused: one of them is private, or there is none.
    """
    scheme, host, port, path = _parts(url)
    literal = _literal(host)
    if literal is not None:
        found: list[Address] = [literal]
    else:
        try:
            found = [ipaddress.ip_address(text.partition("%")[0]) for text in lookup(host, port)]
        except (OSError, UnicodeError, ValueError) as error:
            raise AddressRefused(f"{host} cannot be resolved") from error
    if not found:
        raise AddressRefused(f"{host} cannot be resolved")
    for address in found:
        _judge(address, port, policy)
    return Place(scheme=scheme, host=host, port=port, path=path, address=found[0])


def system_lookup(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, by the system."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in rows]


def _parts(url: str) -> tuple[str, str, int, str]:
    if len(url) > LONGEST or not url.isascii() or any(ord(sign) < 33 for sign in url):
        raise AddressRefused("it is no plain address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("it is no address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressRefused("only http and https are taken")
    if parts.username is not None or parts.password is not None or "\\" in url:
        raise AddressRefused("names and passwords do not belong into it")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.hostname.rstrip(".")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path


def _literal(host: str) -> Address | None:
    """The address a host is, in any of the spellings the system's resolver would take."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    if host and all(part.isdigit() or part.startswith("0x") for part in host.split(".")):
        try:
            return IPv4Address(socket.inet_aton(host))
        except OSError as error:
            raise AddressRefused(f"{host} is no name") from error
    return None


def _judge(address: Address, port: int, policy: Policy) -> None:
    inner = _inner(address)
    if policy.knows(inner):
        return
    if port not in PORTS:
        known = ", ".join(str(each) for each in sorted(PORTS))
        raise AddressRefused(f"port {port} is none of {known}")
    for each in (address, inner):
        if any(each in network for network in _REFUSED) or not each.is_global:
            raise AddressRefused(f"{each} is no address of the public network")


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address carries, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return IPv4Address(address.packed[-4:]) if address in _NAT64 else address
