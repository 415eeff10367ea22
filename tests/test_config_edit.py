"""The settings file is changed where it should be, and stays as people wrote it everywhere else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pos_app import config_edit
from pos_app.config import load
from pos_app.errors import ConfigInvalid
from tests import shops


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copy(shops.EXAMPLE, tmp_path / "till.toml"))


def test_only_the_lines_of_what_changed_differ(config: Path) -> None:
    before = config.read_text(encoding="utf-8").splitlines()
    config.chmod(0o600)
    config_edit.change(config, {"printer": {"url": "tcp://192.0.2.7:9100", "profile": "58mm"}})
    after = config.read_text(encoding="utf-8").splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [new.split("  #")[0] for _, new in changed] == [
        'url = "tcp://192.0.2.7:9100"',
        'profile = "58mm"',
    ]
    assert all(old.split("#")[1] == new.split("#")[1] for old, new in changed)
    assert config.stat().st_mode & 0o777 == 0o600
    assert load(config).printer.profile == "58mm"
    assert [path.name for path in config.parent.iterdir()] == ["till.toml"]


def test_a_table_inside_stands_on_one_line_and_is_read_back(config: Path) -> None:
    learnt = {"qr": "raster", "code_pages": {"0": "cp437", "16": "cp1252"}}
    config_edit.change(config, {"printer": {"settings": learnt}})
    assert load(config).printer.settings == learnt
    assert "# what differs from the profile" in config.read_text(encoding="utf-8")


def test_a_table_that_is_not_there_is_made_and_a_key_taken_out(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    start = text.index("[drawer]")
    config.write_text(text[:start] + text[text.index("[paper]") :], encoding="utf-8")
    config_edit.change(config, {"drawer": {"open_level": "low"}, "till": {"quick": None}})
    assert load(config).drawer.open_level == "low"
    assert load(config).till.quick == {}


def test_what_would_not_be_valid_is_not_written(config: Path) -> None:
    before = config.read_bytes()
    with pytest.raises(ConfigInvalid, match=r"drawer\.open_level in .*till\.toml is wrong"):
        config_edit.change(config, {"drawer": {"open_level": "up"}})
    assert config.read_bytes() == before
    assert [path.name for path in config.parent.iterdir()] == ["till.toml"]


def test_a_file_that_is_no_settings_is_left_alone(config: Path) -> None:
    config.write_text("url = ", encoding="utf-8")
    with pytest.raises(ConfigInvalid, match="cannot be read as TOML"):
        config_edit.change(config, {"printer": {"url": ""}})
    assert config.read_text(encoding="utf-8") == "url = "


def test_what_the_environment_sets_is_not_written_past_it(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POS_PRINTER__URL", "tcp://192.0.2.9")
    with pytest.raises(ConfigInvalid, match="set by the environment"):
        config_edit.change(config, {"printer": {"url": ""}})
