"""One file for a whole backup: written beside its place, synced, and only then given its name."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pyrage

from pos_app.domain.backup import BackupDamaged, BackupFolderUnusable, BackupKeyMissing
from pos_app.errors import Conflict, DiskFull, MalformedInput
from pos_app.store.archive import manifest
from pos_app.store.archive.manifest import Manifest

ENCRYPTED = ".age"
_BLOCK = 2**20
_SPEED_OVER_SIZE = 3
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_TORN = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError)
"""What `zipfile` says of an archive that has changed; RuntimeError: it looks encrypted."""


@contextmanager
def room(path: Path) -> Iterator[None]:
    """Say what a disk refuses; what was begun is undone by whoever began it.

    Raises:
        DiskFull: it is full.
        BackupFolderUnusable: it is not there, is broken, or may not be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(str(path)) from error
        if error.errno is None:
            raise
        problem = error.strerror or type(error).__name__
        raise BackupFolderUnusable(str(error.filename or path), problem) from error


def need(folder: Path, size: int) -> None:
    """Refuse to begin where there is no room for so many bytes."""
    if shutil.disk_usage(folder).free < size:
        raise DiskFull(str(folder))


def pack(target: Path, made: Manifest, folder: Path) -> None:
    """Write the files a manifest names, and the manifest first of all."""
    with zipfile.ZipFile(
        target, "x", zipfile.ZIP_DEFLATED, compresslevel=_SPEED_OVER_SIZE
    ) as archive:
        archive.writestr(manifest.NAME, manifest.write(made))
        for name in made.files:
            archive.write(folder / name, name)


def look(path: Path) -> Manifest:
    """Read what a backup says of itself.

    Raises:
        BackupDamaged: it is none, or torn.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return manifest.read(archive.read(manifest.NAME), path.name)
    except (*_TORN, OSError, ValueError) as error:
        raise BackupDamaged(path.name, f"it cannot be read ({error})") from error


def unpack(path: Path, folder: Path) -> Manifest:
    """Write every file of a backup into a folder, each as it was.

    Raises:
        BackupDamaged: a file is missing, or not what it was.
        DiskFull: there is no room.
    """
    made = look(path)
    with room(folder), zipfile.ZipFile(path) as archive:
        for name, expected in made.files.items():
            if Path(name).name != name or name == "..":
                raise BackupDamaged(path.name, "it names a file outside itself")
            try:
                with archive.open(name) as inside, (folder / name).open("wb") as out:
                    shutil.copyfileobj(inside, out, _BLOCK)
            except _TORN as error:
                raise BackupDamaged(path.name, f"{name} in it is torn") from error
            if digest(folder / name) != expected:
                raise BackupDamaged(path.name, f"{name} in it is not what it was")
    return made


def files_of(folder: Path, names: Sequence[str]) -> Mapping[str, str]:
    """The digests of some files."""
    return {name: digest(folder / name) for name in names}


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def encrypt(path: Path, target: Path, recipients: Sequence[str]) -> None:
    """Encrypt a file to everybody who may read it (age, age-encryption.org/v1).

    Raises:
        MalformedInput: a recipient is none.
    """
    try:
        keys = [pyrage.x25519.Recipient.from_str(key) for key in recipients]
    except pyrage.RecipientError as error:
        problem = "names a key that is no age recipient"
        raise MalformedInput("The setting backup.recipients", problem) from error
    pyrage.encrypt_file(str(path), str(target), keys)


def decrypt(path: Path, target: Path, identity: str) -> None:
    """Decrypt a file.

    Raises:
        BackupKeyMissing: the identity is not one of its readers'.
        BackupDamaged: it is torn.
    """
    try:
        key = pyrage.x25519.Identity.from_str(identity.strip())
        pyrage.decrypt_file(str(path), str(target), [key])
    except pyrage.IdentityError as error:
        raise BackupKeyMissing(path.name) from error
    except pyrage.DecryptError as error:
        if "matching keys" in str(error):
            raise BackupKeyMissing(path.name) from error
        raise BackupDamaged(path.name, "it is torn or was changed") from error
    except OSError as error:
        # The library says of a block that was changed only that it cannot be decrypted.
        if error.errno is None:
            raise BackupDamaged(path.name, "it is torn or was changed") from error
        raise


def is_encrypted(path: Path) -> bool:
    """Whether a file is an age file, whatever it is called."""
    with path.open("rb") as file:
        return file.read(21) == b"age-encryption.org/v1"


def keep(made: Path, target: Path) -> None:
    """Give a finished file its name, durably; one that is there is never overwritten.

    Raises:
        Conflict: there is a file of this name.
    """
    made.chmod(0o600)  # there are digests of passwords in it
    sync(made)
    try:
        os.link(made, target)
    except FileExistsError as error:
        raise Conflict(f"There is a file {target} already: choose another name.") from error
    except OSError:
        _rename(made, target)  # disks such as a stick's, which know one name per file
    made.unlink(missing_ok=True)
    sync_folder(target.parent)


def _rename(made: Path, target: Path) -> None:
    if target.exists():
        raise Conflict(f"There is a file {target} already: choose another name.")
    made.rename(target)


def sync(path: Path) -> None:
    """Wait until a file is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk; Windows does that by itself."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # some disks of sticks cannot
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
