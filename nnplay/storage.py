"""The only writer of files that users name, for the window and the command line; it reads them too.

Tables of data are read by :mod:`nnplay.data.tables`, which knows nothing of this module.

A file is replaced as a whole or not at all: the new contents are written beside it, their length
is checked, they are forced onto the disk, and only then take the old file's place. A power cut, a
full disk or a killed process leaves the old file or the new one, never a mixture.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO, Final

__all__ = [
    "MAX_FILE_SIZE",
    "StorageError",
    "backup_path",
    "check_writable",
    "read_file",
    "write_file",
]

MAX_FILE_SIZE: Final = 2**30
TEMPORARY: Final = ".nnplay-tmp"


class StorageError(OSError):
    """A file cannot be read or written; the message says which, why, and what to do."""


REASONS: Final = {
    errno.ENOENT: "there is no such file or folder. Check the name",
    errno.EACCES: "you have no permission. Choose another folder or change its permissions",
    errno.EPERM: "the system does not permit it. Choose another folder",
    errno.EROFS: "the disk is read-only. Choose another folder",
    errno.ENOSPC: "the disk is full. Free some space or choose another disk",
    errno.EDQUOT: "your disk quota is used up. Free some space or choose another disk",
    errno.EFBIG: "the file would become larger than the system allows. Choose another disk",
    errno.EISDIR: "this is a folder. Add a file name",
    errno.ENOTDIR: "a part of the path is a file, not a folder. Check the name",
    errno.ENAMETOOLONG: "the name is too long. Choose a shorter one",
    errno.ELOOP: "its links lead in a circle. Choose another name",
    errno.EIO: "the disk reports an error. Choose another disk",
}


def _explain(action: str, path: Path, error: OSError) -> StorageError:
    reason = REASONS.get(error.errno or 0, (error.strerror or str(error)).lower())
    return StorageError(f"{path} cannot be {action}: {reason}.")


def read_file(path: str | os.PathLike[str], cap: int = MAX_FILE_SIZE) -> bytes:
    """The contents of a regular file of at most ``cap`` bytes; raises :class:`StorageError`."""
    place = Path(path)
    try:
        if not stat.S_ISREG(os.stat(place).st_mode):
            kind = "a folder" if place.is_dir() else "not a regular file"
            raise StorageError(f"{place} cannot be read: this is {kind}. Choose a file.")
        with open(place, "rb") as file:
            data = _read_at_most(file, cap + 1)
    except StorageError:
        raise
    except OSError as error:
        raise _explain("read", place, error) from None
    except ValueError:
        raise StorageError("A file name cannot contain a NUL character.") from None
    if len(data) > cap:
        raise StorageError(f"{place} cannot be read: it is larger than {cap} bytes.")
    return data


def _read_at_most(file: BinaryIO, count: int) -> bytes:
    """Up to ``count`` bytes; room is made for what the file holds, not for what it might."""
    size = os.fstat(file.fileno()).st_size
    data = file.read(min(size + 1, count))
    while size < len(data) < count:  # it grows, or is of a kind that does not know its size
        size = len(data)
        data += file.read(min(len(data), count - len(data)))
    return data


def backup_path(path: str | os.PathLike[str]) -> Path:
    """Where the version before the latest one is kept: ``name~`` beside the file itself."""
    target = Path(os.path.realpath(path))
    return target.with_name(f"{target.name}~")


def write_file(path: str | os.PathLike[str], data: bytes, *, keep_backup: bool = False) -> None:
    """Replace a file's contents as a whole, or make the file.

    Links are followed (the link stays, its target is replaced), the file's mode is kept, and
    temporary files left behind by a killed process are removed.

    Args:
        path: the file.
        data: its new contents.
        keep_backup: keep the contents of before as :func:`backup_path`, in place of an older
            backup. Contents that are the same already leave the backup alone, and a backup that
            cannot be made does not keep anybody from saving.

    Raises:
        StorageError: nothing was changed; the message says why and what to do.
    """
    place = Path(path)
    try:
        target = Path(os.path.realpath(place))
        _check_target(place, target)
        _remove_stale(target)
        _replace(target, data, keep_backup=keep_backup)
    except StorageError:
        raise
    except OSError as error:
        raise _explain("written", place, error) from None
    except ValueError:
        raise StorageError("A file name cannot contain a NUL character.") from None


def check_writable(path: str | os.PathLike[str]) -> None:
    """Refuse early what :func:`write_file` would refuse after hours of work.

    Raises:
        StorageError: there is no such folder, no permission, or the name is a folder's.
    """
    place = Path(path)
    try:
        target = Path(os.path.realpath(place))
        _check_target(place, target)
        effective = os.access in os.supports_effective_ids
        if not os.access(target.parent, os.W_OK | os.X_OK, effective_ids=effective):
            raise PermissionError(errno.EACCES, "")
    except StorageError:
        raise
    except OSError as error:
        raise _explain("written", place, error) from None
    except ValueError:
        raise StorageError("A file name cannot contain a NUL character.") from None


def _check_target(place: Path, target: Path) -> None:
    if not target.name:
        raise StorageError(f"{place} cannot be written: this is a folder. Add a file name.")
    if not target.parent.is_dir():
        raise StorageError(
            f"{place} cannot be written: the folder {target.parent} does not exist. Make it first."
        )
    if target.is_dir():
        raise StorageError(f"{place} cannot be written: this is a folder. Add a file name.")
    if target.exists():
        if not target.is_file():
            raise StorageError(f"{place} cannot be written: this is not a regular file.")
        if not os.access(target, os.W_OK):
            raise StorageError(
                f"{place} cannot be written: the file is write-protected. Choose another name."
            )
    elif target.is_symlink():
        raise StorageError(f"{place} cannot be written: its links lead in a circle.")


def _replace(target: Path, data: bytes, *, keep_backup: bool = False) -> None:
    handle, temporary = tempfile.mkstemp(TEMPORARY, _prefix(target), target.parent)
    try:
        try:
            _lock(handle)
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
            if os.fstat(handle).st_size != len(data):
                raise OSError(errno.ENOSPC, "short write")
            _copy_mode(target, handle)
            if keep_backup:
                _keep_backup(target, data)
            # The lock is held until the new name stands, so that nobody takes it for a leftover.
            os.replace(temporary, target)
        finally:
            os.close(handle)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _keep_backup(target: Path, data: bytes) -> None:
    """Give the present contents a second name; the new ones wait, complete, to take the first."""
    try:
        size = os.stat(target).st_size
        if size == len(data) and target.read_bytes() == data:
            return
        backup = backup_path(target)
        _remove_stale(backup)
        handle, spare = tempfile.mkstemp(TEMPORARY, _prefix(backup), backup.parent)
        os.close(handle)
        try:
            os.unlink(spare)
            os.link(target, spare)
            os.replace(spare, backup)
        except OSError:  # a file system without second names
            _replace(backup, target.read_bytes())
        finally:
            Path(spare).unlink(missing_ok=True)
    except OSError:
        pass


def _prefix(target: Path) -> str:
    # A long name with a suffix would exceed the 255 bytes a file system allows.
    return f".{os.fsencode(target.name)[:100].decode('utf-8', 'ignore')}."


def _copy_mode(target: Path, handle: int) -> None:
    if os.name != "posix":
        return
    try:
        before = os.stat(target)
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        os.fchmod(handle, 0o666 & ~umask)
        return
    if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
        try:
            os.fchown(handle, before.st_uid, before.st_gid)
        except OSError:
            pass  # only root may give files away; the contents matter more
    os.fchmod(handle, stat.S_IMODE(before.st_mode))


def _lock(handle: int) -> bool:
    """Mark a temporary file as being written; False if somebody else is writing it."""
    if os.name != "posix":
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return False  # a file system without locks: nothing is ever taken for a leftover
    return True


def _remove_stale(target: Path) -> None:
    """Remove temporary files of this target whose writer no longer lives."""
    prefix = _prefix(target)
    try:
        names = [name for name in os.listdir(target.parent) if name.endswith(TEMPORARY)]
    except OSError:
        return
    for name in names:
        if not name.startswith(prefix):
            continue
        leftover = target.parent / name
        try:
            handle = os.open(leftover, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
        except OSError:
            continue
        try:
            if _lock(handle):
                leftover.unlink(missing_ok=True)
        except OSError:
            pass  # it stays until the next save
        finally:
            os.close(handle)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # a folder that may be written but not read cannot be synchronised
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
