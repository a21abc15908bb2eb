"""Give a file or a folder another name, on Windows too (lesson 11)."""

import os
import time
from pathlib import Path

IN_USE = (5, 32)  # what Windows answers while another program has it open: access denied, sharing violation
PAUSES = (0.01, 0.1, 0.3, 0.6)  # seconds


def rename(old: Path | str, new: Path) -> None:
    """Give it this name; a file that has it is replaced. OSError: that cannot be done.

    Windows refuses while somebody has it open, and a virus scanner opens all that is new: so we ask again for a second.
    """
    for pause in PAUSES:
        try:
            os.replace(old, new)
            return
        except PermissionError as error:
            if getattr(error, "winerror", None) not in IN_USE:
                raise
            time.sleep(pause)
    os.replace(old, new)
