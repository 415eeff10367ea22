"""The example names every setting, only settings, and works as it stands."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from pos_app import config_file
from pos_app.bootstrap import rules
from pos_app.config import Settings, glance_of, load
from pos_app.errors import ConfigInvalid

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"


def keys(model: type[BaseModel], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(prefix + name)
        inner = [field.annotation, *get_args(field.annotation)]
        for kind in inner:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                inside = "*." if get_origin(field.annotation) is dict else ""
                found |= keys(kind, f"{prefix}{name}.{inside}")
    return found


def named(data: Any, prefix: str, known: set[str]) -> set[str]:
    if isinstance(data, list):
        return set().union(*(named(row, prefix, known) for row in data))
    if not isinstance(data, dict):
        return set()
    found: set[str] = set()
    for name, value in data.items():
        if prefix + name in known:
            found |= {prefix + name} | named(value, f"{prefix}{name}.", known)
        elif isinstance(value, dict):
            found |= named(value, f"{prefix}*.", known)
    return found


def test_example_names_every_setting() -> None:
    known = keys(Settings)
    data = tomllib.loads(EXAMPLE.read_text())
    assert known - named(data, "", known) == set()


def test_example_loads() -> None:
    settings = load(EXAMPLE)
    assert settings.till.code == "T01"
    assert [row.percent for row in settings.fiscal.tax][2] is None


def test_unknown_key_is_named_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "till.toml"
    path.write_text(EXAMPLE.read_text().replace("hold_minutes", "hold_minuets"))
    with pytest.raises(ConfigInvalid) as caught:
        load(path)
    assert "till.hold_minuets" in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('tin = "2000123456"', 'tin = "12"', "shop.tin"),
        ('code = "T01"', 'code = "t 1"', "till.code"),
        ("hold_minutes = 60", "hold_minutes = 0", "till.hold_minutes"),
        ('warehouse = "SHOP1"', "", "till.warehouse"),
        ("[shop]", "[shop", "cannot be read as TOML"),
        ("\n[till]\n", "\n[tilll]\n", "Setting tilll "),
    ],
)
def test_wrong_value_is_named(tmp_path: Path, old: str, new: str, key: str) -> None:
    path = tmp_path / "till.toml"
    path.write_text(EXAMPLE.read_text().replace(old, new, 1))
    with pytest.raises(ConfigInvalid, match=key):
        load(path)


def test_a_list_that_is_none_is_asked_for_in_words(tmp_path: Path) -> None:
    path = tmp_path / "till.toml"
    path.write_text(EXAMPLE.read_text().replace("header = []", 'header = "x"', 1))
    with pytest.raises(ConfigInvalid, match=r"paper.header in .* is wrong \(it should be a list"):
        load(path)


def test_a_wrong_setting_of_a_printer_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "till.toml"
    path.write_text(EXAMPLE.read_text().replace("/dev/serial/by-id/usb-printer", "foo://x", 1))
    with pytest.raises(ConfigInvalid, match=r"nothing here speaks foo: correct it and start"):
        rules(load(path))


def test_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="does not exist"):
        load(tmp_path / "nothing.toml")


def test_environment_overrides_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POS_TILL__CODE", "T09")
    assert load(EXAMPLE).till.code == "T09"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('profile = "percent"', 'profile = "per cent"', "fiscal.profile"),
        ('profile = "80mm"', 'profile = "A4"', "printer.profile"),
        ("drawer_pin = 0", "drawer_pin = 2", "printer.settings"),
        ("drawer_pin = 0", "colour = 'red'", "printer.settings.*columns_b"),
        ("drawer_pin = 0", "columns = 42.5", "printer.settings"),
        ("/dev/serial/by-id/usb-printer", "tcp://", "printer.url"),
        ("/dev/serial/by-id/usb-printer", "file://tmp/paper", "printer.url"),
        ('url = ""  # empty', 'url = "carrier://pigeon"  #', "printer.fallback.url"),
        (
            'url = ""  # empty',
            'url = "/dev/serial/by-id/usb-printer"  #',
            "printer.fallback.url.*own address",
        ),
        ('rule = "', 'rule = "no_such_', "limit.rule"),
    ],
)
def test_a_name_of_nothing_is_found_before_the_till_opens(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    path = tmp_path / "till.toml"
    assert old in EXAMPLE.read_text()
    path.write_text(EXAMPLE.read_text().replace(old, new, 1))
    with pytest.raises(ConfigInvalid, match=key):
        rules(load(path))


def test_a_glance_sees_what_checked_settings_say() -> None:
    seen = config_file.glance(EXAMPLE, {})
    assert seen == glance_of(load(EXAMPLE))
    assert seen is not None
    assert (seen.till, seen.place) == ("T01", "First Street")


def test_a_shop_without_branches_is_named_by_its_warehouse(tmp_path: Path) -> None:
    path = changed(tmp_path, 'branch = "First Street"', "")
    seen = config_file.glance(path, {})
    assert seen == glance_of(load(path))
    assert seen is not None
    assert seen.place == load(path).till.warehouse


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('role = "till"', 'role = "server"'),
        ('branch = "First Street"', "branch = 5"),
        ('code = "T01"', ""),
        ("scan_gap_ms = 40", "scan_gap_ms = true"),
        ("map = {", 'map = { "sale.tender" = 9 }  # {'),
    ],
)
def test_a_glance_leaves_whatever_is_odd_to_the_full_check(
    tmp_path: Path, before: str, after: str
) -> None:
    path = changed(tmp_path, before, after)
    assert config_file.glance(path, {}) is None
    with pytest.raises(ConfigInvalid):
        load(path, role="till")


@pytest.mark.parametrize("name", ["POS_TILL__CODE", "pos_till__code", "POS_SHOP", "POS_ROLE"])
def test_a_glance_does_not_overlook_the_environment(name: str) -> None:
    assert config_file.glance(EXAMPLE, {name: "T02"}) is None
    assert config_file.glance(EXAMPLE, {"POS_DATABASE__URL": "x", "POS_DEBUG": "1"}) is not None


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://pay.example.com/v1", True),
        ("http://127.0.0.1:8002", True),
        ("http://localhost:8002/x", True),
        ("http://[::1]:8002", True),
        ("http://pay.example.com", False),
        ("http://127.0.0.1@pay.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("ftp://127.0.0.1", False),
        ("https:pay.example.com", False),
        ("", False),
    ],
)
def test_passwords_of_a_provider_leave_over_tls_alone(
    tmp_path: Path, url: str, is_taken: bool
) -> None:
    """ASVS 5.0 12.3.1; a sandbox on this machine has no certificate."""
    path = changed(tmp_path, "https://developers.ecocash.co.zw/sandbox/payment/v1", url)
    if is_taken:
        assert load(path).gateway.ecocash[0].url == url
        return
    with pytest.raises(ConfigInvalid, match=r"gateway\.ecocash.*https://"):
        load(path)


def changed(folder: Path, before: str, after: str) -> Path:
    """The example with one text replaced."""
    text = EXAMPLE.read_text()
    assert before in text
    path = folder / "till.toml"
    path.write_text(text.replace(before, after, 1))
    return path
