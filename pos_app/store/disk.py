"""Where a database may live: not on a disk that another machine or program shares out."""

from __future__ import annotations

import os
from pathlib import Path

from pos_app.errors import Unavailable

_REFUSED = ("nfs", "cifs", "smb", "davfs", "ceph", "glusterfs", "fuse.sshfs", "fuse.rclone")
_REFUSED_FOLDERS = ("dropbox", "onedrive", "google drive", "icloud drive")
_MOUNTS = Path("/proc/self/mounts")


class DiskUnfit(Unavailable):
    """A network or synchronised folder breaks the locks and the log a database relies on."""

    code = "disk_unfit"

    def __init__(self, path: str, kind: str) -> None:
        super().__init__(
            f"The database {path} lies on {kind}, where it would be damaged: "
            "put it on a disk of this machine.",
            path=path,
            kind=kind,
        )


def check_disk(path: Path, *, mounts: Path = _MOUNTS) -> None:
    """Refuse folders that are known to damage SQLite files (sqlite.org, How To Corrupt).

    Args:
        path: the database file, which need not exist yet.
        mounts: the system's list of mounted disks; without one only names are looked at.

    Raises:
        DiskUnfit: it is on a network disk or in a folder kept in step with a cloud.
    """
    resolved = os.path.realpath(path)
    for part in Path(resolved).parts:
        if part.casefold().startswith(_REFUSED_FOLDERS):
            raise DiskUnfit(resolved, f"the synchronised folder {part}")
    kind = _kind_of_disk(resolved, mounts)
    if kind.startswith(_REFUSED):
        raise DiskUnfit(resolved, f"a network disk ({kind})")


def _kind_of_disk(path: str, mounts: Path) -> str:
    """The file system of the deepest mount point above a path, empty where nobody says."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, found = -1, ""
    for line in lines:
        _, point, kind, *_ = [*line.split(" "), "", "", ""]
        folder = point.replace("\\040", " ").rstrip("/")
        if len(folder) >= best and (path == folder or path.startswith(f"{folder}/")):
            best, found = len(folder), kind
    return found
