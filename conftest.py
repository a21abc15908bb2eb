"""What every test and every notebook inherits. Here, and not in tests/, because `pytest notebooks` needs it too."""

import contextlib
import gc
import importlib.util
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbformat.v4 import new_code_cell
from nbval.plugin import IPyNbCell

from classroom.servers import nginx_server
from classroom.servers.alertmanager_release import ALERTMANAGER
from classroom.servers.ports import free_port
from classroom.servers.prometheus_release import PROMETHEUS
from titanic import store

ROOT = Path(__file__).resolve().parent
ANSWERS = ROOT / "tests" / "helpers" / "exercise_answers.py"
# The files that take longest begin first, so that at the end no worker is alone with one of them.
LONGEST = ["test_scouter_losses", "test_commands", "test_scouter_00_queue_app", "test_bench", "test_collector_faults",
           "25_ray_00_serve_app", "test_metrics_exact", "test_browser", "test_openapi", "test_workers", "test_setup",
           "test_demo", "test_prometheus_server", "test_pack", "test_preview",
           "test_scouter_transports", "test_monitoring_cost", "test_alerts", "test_alertmanager", "test_book",
           "test_collector_fuzz", "test_style", "test_house"]  # fmt: skip
OWN, SHARED = pytest.StashKey[Path](), pytest.StashKey[Path]()


def pytest_xdist_auto_num_workers(config):
    """One file alone is run by this process. All of them: more workers than processors, because tests often wait."""
    alone = len(config.args) == 1 and Path(config.args[0].partition("::")[0]).is_file()
    return 0 if alone else (os.cpu_count() or 1) + 1


def pytest_addoption(parser):
    """Let one ask for what takes long and is seldom needed: each option has a marker of the same name."""
    parser.addoption("--again", action="store_true", help="also run each lesson a second time, and from its middle")
    parser.addoption("--cluster", action="store_true", help="also ask all of the app of lesson 25 on several machines")
    parser.addoption("--container", action="store_true", help="also build the image of deploy/ and start it")
    known = "fail if a test is skipped for another reason than those in tests/helpers/known_skips.py"
    parser.addoption("--known-skips", action="store_true", help=known)


def pytest_configure(config):
    """Give this process a model store and ports of its own: nothing of the learner's is read or changed.

    A controller of workers runs no test; it has only the folder that its workers share.
    """
    if config.getoption("known_skips") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(importlib.import_module("known_skips").KnownSkips())
    gc.disable()  # to collect tests makes many objects and next to no garbage: a fifth of the time
    shared = getattr(config, "workerinput", {}).get("shared")
    config.stash[OWN] = Path(tempfile.mkdtemp(prefix="unsinkable-", dir=shared))
    config.stash[SHARED] = Path(shared or config.stash[OWN])
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{(config.stash[OWN] / 'mlflow.db').as_posix()}"
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["OMP_NUM_THREADS"] = "1"  # course.py says why
    os.environ["COURSE_PORT"] = str(free_port())
    os.environ["COURSE_PROMETHEUS_PORT"] = str(free_port())
    os.environ["COURSE_PROGRESS"] = str(config.stash[OWN] / "solved.txt")
    os.environ["COLLECTOR_DATABASE"] = str(config.stash[OWN] / "collector.sqlite3")
    os.environ["OUTCOME_DATABASE"] = str(config.stash[OWN] / "outcomes.sqlite3")
    os.environ["ALERT_DATABASE"] = str(config.stash[OWN] / "alerts.sqlite3")
    for server in ("COLLECTOR", "ALERT", "ALERTMANAGER"):
        os.environ[f"COURSE_{server}_PORT"] = str(free_port())
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # with it, importing MLflow takes 5 seconds or more each time


def pytest_configure_node(node):
    """Tell a worker where the shared folder is."""
    node.workerinput["shared"] = str(node.config.stash[SHARED])


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop():
    """All is collected, and stays: the garbage collector works again, but need not look through that."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure(config):
    """Delete what this process has made."""
    shutil.rmtree(config.stash[OWN], ignore_errors=True)


@pytest.fixture(scope="session")
def training(request):
    """What the script of lesson 01 did in a copy of the course: .course, .returncode, .stdout, .stderr."""
    return trained_once(request.config.stash[SHARED])


@pytest.fixture(scope="session")
def champion(request):
    """A trained model in the store of this process."""
    copy_the_champion(request.config)


@pytest.fixture(scope="module")
def champion_anew(request):
    """The same, and nothing else in the store: other tests of this process may have trained there."""
    copy_the_champion(request.config, anew=True)


def pytest_runtest_setup(item):
    """Lessons from 05 on start apps that need a model: here, too, it is the one that was trained once."""
    if isinstance(item, IPyNbCell) and item.path.parent == ROOT / "notebooks" and item.path.name >= "05":
        # Lesson 21 tells the numbers of versions; where lesson 01 was run before, there is one more.
        copy_the_champion(item.config, anew=item.path.stem.startswith("21_") and item.cell_num == 0)
    if isinstance(item, IPyNbCell) and item.path.stem == "00_start_here" and item.cell_num == 0:
        Path(os.environ["COURSE_PROGRESS"]).unlink(missing_ok=True)  # what other tests have solved shows in its table


def copy_the_champion(config, anew=False):
    """Copy the database of the store; the files that it names are only read, so they may stay where they are."""
    if anew or not store.has_champion():
        done = trained_once(config.stash[SHARED])
        assert done.returncode == 0, done.stderr
        trained = done.course / "mlruns" / "mlflow.db"
        with closing(sqlite3.connect(trained)) as theirs, closing(sqlite3.connect(store.database())) as own:
            theirs.backup(own)


def trained_once(shared, seconds=300):
    """Train in a copy of the course; where another worker has begun to do so, wait for it."""
    course, over = shared / "a b é", shared / "training.json"
    with contextlib.suppress(FileExistsError):
        course.mkdir()
        shutil.copytree(ROOT / "apps", course / "apps", ignore=shutil.ignore_patterns("__pycache__"))
        # As a learner does it: without a setting for the store, which is then beside apps/.
        env = {name: value for name, value in os.environ.items() if name not in ("MLFLOW_TRACKING_URI", "PYTHONPATH")}
        done = subprocess.run(
            [sys.executable, "mlflow_00_train_model.py"], cwd=course / "apps", env=env, capture_output=True, text=True
        )
        outcome = {"returncode": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
        over.with_suffix(".part").write_text(json.dumps(outcome), encoding="utf-8")
        over.with_suffix(".part").replace(over)  # whole, or not there
    deadline = time.monotonic() + seconds
    while not over.exists():
        assert time.monotonic() < deadline, "the training of another worker does not end"
        time.sleep(0.1)
    return SimpleNamespace(course=course, **json.loads(over.read_text(encoding="utf-8")))


def pytest_collection_modifyitems(config, items):
    """Let the answers to exercises be tried. Without a Prometheus, skip the lessons that show what it answers; so too
    without an Alertmanager, an nginx, or Ray.
    """
    items[:] = with_answers(items)
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
    for marker in ("again", "cluster", "container"):
        if not config.getoption(marker):
            items[:] = [item for item in items if not item.get_closest_marker(marker)]
    needed = [
        ("Prometheus", PROMETHEUS.find(), "_prometheus_0"),
        ("Alertmanager", ALERTMANAGER.find(), "_prometheus_06_alert"),
        ("nginx", nginx_server.find(), "26_onto_a_server"),
        ("Ray", importlib.util.find_spec("ray"), "25_ray_00_serve_app"),
    ]
    for name, program, lessons in needed:
        if program is not None:
            continue
        for item in items:
            if lessons in item.nodeid and "notebooks/" in item.nodeid:
                item.add_marker(pytest.mark.skip(reason=f"there is no {name} on this machine"))


def with_answers(items):
    """The same tests; but in lessons, after the check of each exercise, its answers (tests/exercises) are tried."""
    starter = None
    for item in items:
        yield item
        tags = item.cell.metadata.get("tags", []) if isinstance(item, IPyNbCell) else []
        if "exercise" in tags:
            starter = item.cell.source
        if "solution" in tags:
            item.options["check"] = False  # what it shows is not stored: GitHub would show it to everybody
        if "check" in tags:
            exercise = re.search(r'check\("(\d\d\.\d)"\)', item.cell.source)[1]
            try_answers = f'__import__("runpy").run_path({str(ANSWERS)!r})["try_answers"]'
            yield IPyNbCell.from_parent(
                item.parent,
                name=f"{item.name}, answers to exercise {exercise}",
                cell_num=item.cell_num,
                cell=new_code_cell(f'{try_answers}("{exercise}", {starter!r}, globals())'),
                options=item.options,
            )
