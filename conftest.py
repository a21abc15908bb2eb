"""What every test and every notebook inherits. Here, and not in tests/, because `pytest notebooks` needs it too."""

import copy
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from nbformat.v4 import new_output
from nbval.plugin import IPyNbCell

from classroom.servers import prometheus_server
from classroom.servers.ports import free_port

ROOT = Path(__file__).resolve().parent
FOLDER = pytest.StashKey[Path]()


def pytest_configure(config):
    """Give this run a model store and ports of its own: nothing of the learner's is read or changed."""
    folder = config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="unsinkable-"))
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{(folder / 'mlflow.db').as_posix()}"
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["OMP_NUM_THREADS"] = "1"  # course.py says why
    os.environ["COURSE_PORT"] = str(free_port())
    os.environ["COURSE_PROMETHEUS_PORT"] = str(free_port())
    os.environ["COLLECTOR_DATABASE"] = str(folder / "collector.sqlite3")
    os.environ["COURSE_COLLECTOR_PORT"] = str(free_port())
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # with it, importing MLflow takes 5 seconds or more each time


def pytest_collection_modifyitems(items):
    """Let the checks of exercises run twice. Without a Prometheus, skip the lessons that show what it answers."""
    items[:] = with_second_checks(items)
    if prometheus_server.find() is not None:
        return
    for item in items:
        if "_prometheus_0" in item.nodeid and "notebooks/" in item.nodeid:
            item.add_marker(pytest.mark.skip(reason="there is no Prometheus on this machine"))


def with_second_checks(items):
    """The same tests; but in notebooks, after each solution, the check of its exercise once more, to be well done."""
    check = None
    for item in items:
        yield item
        tags = item.cell.metadata.get("tags", []) if isinstance(item, IPyNbCell) else []
        if "check" in tags:
            check = item
        if "solution" in tags:
            again = copy.deepcopy(check.cell)
            again.outputs = [new_output("stream", text="Well done!\n")]
            yield IPyNbCell.from_parent(
                item.parent, name=f"{check.name} again", cell_num=check.cell_num, cell=again, options=check.options
            )


def pytest_unconfigure(config):
    """Delete the store of this run."""
    shutil.rmtree(config.stash[FOLDER], ignore_errors=True)
