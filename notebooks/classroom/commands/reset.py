"""Give back the course as it was delivered, for the next class; what was written into it is kept.

It asks first. The packages and the fetched servers stay.
"""

import argparse
import shutil
from datetime import datetime
from pathlib import Path

from classroom.commands._delivered import Delivered, delivered
from classroom.commands._ending import run
from classroom.servers.disk import size
from classroom.servers.folders import ROOT
from classroom.servers.holder import running_of_this_course
from titanic.problem import Problem

# What runs have made. Models and logs are not kept: they can be large, and can be made again.
MADE = {
    "mlruns": "the models and their runs",
    "mlflow.db": "a store of models",
    "logs": "what the apps wrote, outcomes, alerts, accounts",
    "site": "the website",
    ".tools/*-data": "what Prometheus, Alertmanager and Grafana have stored",
    ".tools/ray-*": "what a cluster of Ray wrote that was killed",
    ".tools/jupyter": "the windows and the history of JupyterLab",
    "**/.ipynb_checkpoints": "what JupyterLab saved besides",
}
WRITTEN = ["logs/solved.txt", "deploy/.env"]  # git ignores these, but somebody's work is in them


def made(root: Path) -> dict[Path, str]:
    """What runs have left in the folder of the course, and what it is."""
    found = {path: what for pattern, what in MADE.items() for path in sorted(root.glob(pattern))}
    return {path: what for path, what in found.items() if ".venv" not in path.parts}


def listed(title: str, lines: list[str]) -> str:
    """A title with its lines below; nothing if there are none."""
    return "\n  ".join([title, *lines]) + "\n" if lines else ""


def put_away(names: list[str], root: Path, kept: Path) -> None:
    """Copy these files into the folder of what is kept."""
    for name in names:
        if (root / name).is_file():
            (kept / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, kept / name)


def give_back(course: Delivered, changed: list[str], new: list[str]) -> None:
    """Write the delivered files, and delete what is new, with the folders that are then empty."""
    for name in changed:
        (course.root / name).parent.mkdir(parents=True, exist_ok=True)
        (course.root / name).write_bytes(course.content[name])
    for file in [course.root / name for name in new]:
        file.unlink()
        for folder in file.parents:
            if folder == course.root or any(folder.iterdir()):
                break
            folder.rmdir()


def reset(course: Delivered, yes: bool) -> None:
    """Say what is given back, kept and deleted; ask, unless it is said already; then do it. Problem: it cannot be."""
    root = course.root
    if running := running_of_this_course(root):
        raise Problem(f"The course is still running: {', '.join(running)}. Stop it first, then call this again.")
    changed, new, left = course.changed(), course.new(), made(root)
    written = [name for name in WRITTEN if (root / name).is_file()]
    if not (changed or new or left or written):
        print("Nothing has changed since the course was delivered.")
        return
    sizes = [f"{one.relative_to(root).as_posix()}  {size(one) / 1e6:.1f} MB  {what}" for one, what in left.items()]
    kept = root / "kept" / f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    print(
        f"The course becomes what was delivered: {course.source}.\n"
        + listed("Changed; given back:", changed)
        + listed("New; removed:", new)
        + listed("Made by runs; deleted for good:", sizes)
        + f"Before that, what was changed, new or solved is copied into {kept.relative_to(root).as_posix()}.",
        flush=True,
    )
    if not yes and not agreed():
        print("Nothing was done.")
        return
    put_away([*changed, *new, *written], root, kept)
    give_back(course, changed, new)
    for path in [*left, *(root / name for name in written)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    print("The course is as it was delivered." + (f" What was written is in {kept}." if kept.exists() else ""))


def agreed() -> bool:
    """Ask. Problem: nobody is there to answer."""
    try:
        return input("Go on? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        raise Problem("Nobody is here to say yes: call python course.py reset --yes.") from None


def main() -> None:
    """Reset this course."""
    parser = argparse.ArgumentParser(prog="python course.py reset", description=__doc__)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    reset(delivered(ROOT), parser.parse_args().yes)


if __name__ == "__main__":
    run(main)
