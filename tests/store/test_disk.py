"""Databases on network disks and in synchronised folders are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pos_app.store.disk import DiskUnfit, check_disk
from pos_app.store.engine import open_store

MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
server:/share /mnt/share nfs4 rw 0 0
/dev/vdb /mnt/share/local ext4 rw 0 0
//server/x /mnt/my\\040share cifs rw 0 0
me@host:/ /mnt/ssh fuse.sshfs rw 0 0
overlay /var/lib/docker overlay rw 0 0
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mounts"
    path.write_text(MOUNTS)
    return path


@pytest.mark.parametrize(
    "path", ["/mnt/share/shop.db", "/mnt/my share/deep/shop.db", "/mnt/ssh/shop.db"]
)
def test_network_disks_are_refused(mounts: Path, path: str) -> None:
    with pytest.raises(DiskUnfit, match="network disk"):
        check_disk(Path(path), mounts=mounts)


@pytest.mark.parametrize(
    "path",
    ["/srv/shop.db", "/mnt/share/local/shop.db", "/mnt/shared.db", "/var/lib/docker/shop.db"],
)
def test_disks_of_this_machine_are_fine(mounts: Path, path: str) -> None:
    check_disk(Path(path), mounts=mounts)


def test_without_a_list_of_mounts_only_names_count(tmp_path: Path) -> None:
    check_disk(tmp_path / "shop.db", mounts=tmp_path / "none")
    with pytest.raises(DiskUnfit, match="synchronised folder"):
        check_disk(tmp_path / "OneDrive - Shop" / "shop.db", mounts=tmp_path / "none")


def test_opening_looks_at_the_disk(tmp_path: Path) -> None:
    with pytest.raises(DiskUnfit):
        open_store(tmp_path / "Dropbox" / "shop.db")
    assert not (tmp_path / "Dropbox").exists()
