"""What every test and every notebook inherits. Here, and not in tests/, because `pytest notebooks` needs it too."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from classroom.ports import free_port

ROOT = Path(__file__).resolve().parent
FOLDER = pytest.StashKey[Path]()


def pytest_configure(config):
    """Give this run a model store and a port of its own: nothing of the learner's is read or changed."""
    folder = config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="unsinkable-"))
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{(folder / 'mlflow.db').as_posix()}"
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["OMP_NUM_THREADS"] = "1"  # course.py says why
    os.environ["COURSE_PORT"] = str(free_port())
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "apps"), str(ROOT / "notebooks")])
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # with it, importing MLflow takes 5 seconds or more each time


def pytest_unconfigure(config):
    """Delete the store of this run."""
    shutil.rmtree(config.stash[FOLDER], ignore_errors=True)
