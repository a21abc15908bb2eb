"""The names of the folders that the course makes in the system's temporary folder."""

import os
import shutil
import tempfile
from pathlib import Path


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
