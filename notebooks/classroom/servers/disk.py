"""What cannot be written, in one sentence."""

import errno
import os
import sys
from pathlib import Path

from classroom.servers.folders import LOGS, ROOT, TOOLS

NOT_YOURS = "{} is not yours to write to: copy the course into a folder of your own, and call it there."
NOT_READABLE = "{} is not yours to read: give yourself the right to (chmod u+rwX), or ask whose it is."
IN_USE = 32  # the number of this error on Windows, whose errno is that of a file that one may not write


def not_writable() -> Path | None:
    """The first folder into which the course writes and we may not; None if there is none."""
    folders = [folder for folder in (ROOT, LOGS, TOOLS, ROOT / "mlruns") if folder.exists()]
    return next((folder for folder in folders if not is_writable(folder)), None)


def is_writable(folder: Path) -> bool:
    """True if we may make files in this folder. Windows says yes to each folder: there we have to try."""
    if sys.platform != "win32":
        return os.access(folder, os.W_OK | os.X_OK)
    tried = folder / f"unsinkable-{os.getpid()}.tmp"  # no temporary file: until 3.12, Python would try other names
    try:
        tried.touch()
        tried.unlink()
    except OSError:
        return False
    return True


def size(path: Path) -> int:
    """The size of a file, or of all files in a folder, in bytes."""
    return sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file())


def reason(error: OSError) -> str:
    """What has happened and what to do, when a file could not be read or written."""
    if getattr(error, "winerror", None) == IN_USE:
        return f"{error.filename} is open in another program: close it there, then call this again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and error.filename:
        if os.path.exists(error.filename) and not os.access(error.filename, os.R_OK):
            return NOT_READABLE.format(error.filename)
        return NOT_YOURS.format(error.filename)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full{f': {error.filename} was not written' if error.filename else ''}. Make room."
    return f"This did not work: {error}."
