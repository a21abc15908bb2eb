"""The folders that the course makes in the system's temporary folder.

Importing this needs the standard library only.
"""

import os
import shutil
import tempfile
from pathlib import Path


def temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    """Make a folder that is deleted when nobody uses it any more: at the end of a `with`, or with the notebook."""
    return tempfile.TemporaryDirectory(prefix=own_prefix(), ignore_cleanup_errors=True)


def folder_to_delete(what: str) -> Path:
    """Make a folder that the caller has deleted, such as a server at its end. what: is in its name."""
    return Path(tempfile.mkdtemp(prefix=f"{own_prefix()}{what}-"))


def own_prefix() -> str:
    """How the name of such a folder of this process begins; what processes have left there that were killed is deleted.

    A kernel or a terminal that is closed at once deletes nothing itself, so the name tells whose folder it was.
    """
    import psutil

    for folder in Path(tempfile.gettempdir()).glob("unsinkable-*-*"):
        owner = folder.name.split("-")[1]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays
    return f"unsinkable-{os.getpid()}-"
