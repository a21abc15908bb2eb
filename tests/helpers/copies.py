"""Copies of the course, as a learner downloads it, and its commands in them, with the packages of this course."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setting_up.original import files

ROOT = Path(__file__).resolve().parents[2]


def copy_course(folder):
    """The course in this new folder, without git; return the folder."""
    for name in files(ROOT):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def in_copy(folder, *arguments, **options):
    """Run Python in a copy of the course, where its own modules are found, and wait for its end."""
    places = [folder, folder / "apps", folder / "notebooks", folder / "grafana_dashboard"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_PROGRESS")}
    env |= {"PYTHONPATH": os.pathsep.join(map(str, places))} | options.pop("env", {})
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, **options)


def command_in_copy(folder, *arguments, **options):
    """Run a command of course.py in a copy of the course, as course.py does after the set-up."""
    return in_copy(folder, "-m", "classroom.commands._start", *arguments, **options)
