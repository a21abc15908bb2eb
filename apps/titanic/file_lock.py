"""One process at a time writes to a file (lesson 11)."""

import os
import stat
import sys
from io import FileIO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FAR = 2**31 - 2  # behind the end of the file, and as far as Windows counts here


def lock(file: FileIO) -> bool:
    """Keep other processes from locking this file while it is open; False if one of them has. A crash frees it."""
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):  # /dev/null has room for all
        return True
    try:
        if sys.platform == "win32":
            os.lseek(file.fileno(), FAR, os.SEEK_SET)  # what is locked there cannot be read
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a disk that knows no locks, as some on a network
        return True
    return True
