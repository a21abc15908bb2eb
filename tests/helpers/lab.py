"""JupyterLab as a learner starts it, but in a copy of the course: what is run or saved there changes nothing here."""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from classroom.servers import ports

ROOT = Path(__file__).resolve().parents[2]
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "logs", "mlruns", "mlflow.db", "site")


def copy_course(folder: Path) -> None:
    """Make this folder a copy of the course that is set up; its packages are links to those of this course."""
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    packages = next((ROOT / ".venv").glob("[Ll]ib/**/site-packages"))
    for inside in [*reversed(packages.relative_to(ROOT).parents[:-1]), packages.relative_to(ROOT)]:
        (folder / inside).mkdir()
        for part in (ROOT / inside).iterdir():
            copied = folder / inside / part.name
            if part.name == "_unsinkable.pth":  # it leads to the folders of this course
                copied.write_text(part.read_text(encoding="utf-8").replace(str(ROOT), str(folder)), encoding="utf-8")
            elif part.is_file():
                shutil.copy(part, copied)
            elif part not in (packages, *packages.parents):
                copied.symlink_to(part, target_is_directory=True)
    # The stamp names the folder, so that of this course is another.
    stamp = "from setting_up import virtual_environment as v; v.STAMP.write_text(v.fingerprint())"
    subprocess.run([sys.executable, "-c", stamp], cwd=folder, check=True)


@contextmanager
def open_lab(folder: Path) -> Iterator[str]:
    """The address that `course.py lab` prints in this copy of the course, as long as it is needed."""
    process = subprocess.Popen(
        [BASE_PYTHON, "course.py", "lab", "--no-browser", "--port", str(ports.free_port())],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    try:
        yield printed_address(process)
    finally:
        process.terminate()
        process.wait(timeout=120)


def printed_address(process: "subprocess.Popen[str]", seconds: float = 120) -> str:
    """The first address of JupyterLab in what this process prints. AssertionError: it ended, or the time is over."""
    assert process.stdout is not None
    limit = threading.Timer(seconds, process.kill)
    limit.start()
    printed = ""
    for line in process.stdout:
        printed += line
        if address := re.search(r"http://127\.0\.0\.1:\d+/lab\S*", line):
            limit.cancel()
            # Somebody has to go on reading, or JupyterLab waits for it.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return address[0]
    limit.cancel()
    raise AssertionError(f"no address was printed, but this:\n{printed}")
