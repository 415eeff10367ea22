"""Secrets by name: read from where they belong, never from where others can read them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pos_app.errors import ConfigInvalid
from pos_app.secret import KEYRING_SERVICE, Secrets, store_file


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return tmp_path / "secrets"


def test_what_is_stored_is_found_again_and_private(folder: Path) -> None:
    reference = store_file(folder, "jwt", "very secret")
    assert reference == "secret://jwt"
    assert Secrets(folder).resolve(reference) == "very secret"
    assert stat.S_IMODE((folder / "jwt").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_storing_again_closes_a_file_that_stood_open(folder: Path) -> None:
    folder.mkdir()
    (folder / "jwt").write_text("an older and longer secret")
    (folder / "jwt").chmod(0o644)
    store_file(folder, "jwt", "new")
    assert Secrets(folder).resolve("secret://jwt") == "new"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_others_can_read_is_refused(folder: Path, mode: int) -> None:
    store_file(folder, "jwt", "known to everybody")
    (folder / "jwt").chmod(mode)
    with pytest.raises(ConfigInvalid) as refused:
        Secrets(folder).resolve("secret://jwt")
    assert "chmod 600" in refused.value.sentence
    assert "known to everybody" not in refused.value.sentence


def test_the_service_manager_comes_first_and_the_keyring_last(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []

    def keyring(service: str, name: str) -> str | None:
        asked.append((service, name))
        return "from keyring"

    secrets = Secrets(folder, keyring)
    assert secrets.resolve("secret://key") == "from keyring"
    assert asked == [(KEYRING_SERVICE, "key")]
    store_file(folder, "key", "from file")
    assert secrets.resolve("secret://key") == "from file"
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "key").write_text("from service\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert secrets.resolve("secret://key") == "from service"
    assert len(asked) == 1


def test_a_text_that_is_no_reference_is_not_taken_for_a_secret(folder: Path) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        Secrets(folder).resolve("hunter2")
    assert "hunter2" not in refused.value.sentence


def test_what_is_stored_nowhere_is_named_with_its_place(folder: Path) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        Secrets(folder).resolve("secret://server-api-key")
    assert "server-api-key" in refused.value.sentence
    assert str(folder) in refused.value.sentence


@pytest.mark.parametrize("empty", ["", "  \n"])
def test_an_empty_file_is_no_secret(folder: Path, empty: str) -> None:
    store_file(folder, "jwt", empty)
    with pytest.raises(ConfigInvalid):
        Secrets(folder).resolve("secret://jwt")


@pytest.mark.parametrize("name", ["", "../pos.toml", "a/b", "..", "."])
def test_a_name_is_not_a_path(folder: Path, name: str) -> None:
    folder.mkdir()
    (folder.parent / "pos.toml").write_text("everything")
    (folder.parent / "pos.toml").chmod(0o600)
    with pytest.raises(ConfigInvalid):
        Secrets(folder).resolve(f"secret://{name}")
