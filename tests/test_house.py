"""The house: imports run one way and never in a circle, and a module that is only imported does nothing."""

import ast
import graphlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ["apps", "notebooks", "grafana_dashboard", "book", "images"]
# For each room, the rooms whose modules it may import besides its own. course.py is above all: see the test about it.
MAY_IMPORT = {
    "apps": set(),
    "grafana_dashboard": {"apps"},
    "classroom.servers": {"apps", "grafana_dashboard"},
    "classroom": {"apps", "classroom.servers", "grafana_dashboard"},
    "book": {"classroom"},
    "classroom.commands": {"apps", "classroom.servers", "classroom", "grafana_dashboard"},
    "images": {"apps", "classroom.servers", "classroom", "classroom.commands", "grafana_dashboard"},
}


def module_name(folder, file):
    """What Python calls this file of a folder that it searches."""
    return ".".join(file.relative_to(ROOT / folder).with_suffix("").parts).removesuffix(".__init__")


def room(folder, name):
    """The room of a module: its folder, but the classroom has three."""
    if folder != "notebooks":
        return folder
    return next(one for one in ("classroom.servers", "classroom.commands", "classroom") if f"{name}.".startswith(one))


FILES = {module_name(folder, file): file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))}
ROOMS = {module_name(folder, file): room(folder, module_name(folder, file))
         for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")}  # fmt: skip


def imported(file):
    """All that a file imports, wherever it does so: for `from a import b` both a and a.b, as b may be a module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = ".".join([file.parent.name] * node.level + [node.module or ""]).strip(".")
            assert node.level < 2, f"{file.name}: two dots lead out of its package"
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def arrows(name):
    """The modules of the course that this one imports. Of a package and a module in it, the module is meant."""
    found = {other for other in imported(FILES[name]) if other in FILES}
    return {one for one in found if not any(other.startswith(f"{one}.") for other in found)} - {name}


ARROWS = {name: arrows(name) for name in FILES}


def test_each_module_has_a_name_of_its_own():
    names = [module_name(folder, file) for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    assert sorted(names) == sorted(FILES)


@pytest.mark.parametrize("upper", MAY_IMPORT)
def test_imports_run_one_way(upper):
    allowed = MAY_IMPORT[upper] | {upper}
    wrong = [f"{name} imports {other}" for name, others in ARROWS.items() if ROOMS[name] == upper
             for other in others if ROOMS[other] not in allowed]  # fmt: skip
    assert wrong == []


def test_every_room_is_used_from_above():
    """If this fails, the test above may look at nothing."""
    used = {(ROOMS[name], ROOMS[other]) for name, others in ARROWS.items() for other in others}
    assert {("classroom.servers", "apps"), ("classroom", "classroom.servers"), ("classroom.commands", "classroom"),
            ("images", "classroom")} <= used  # fmt: skip


def test_building_blocks_import_no_script():
    scripts = {file.stem for file in (ROOT / "apps").glob("*.py")}
    blocks = [name for name in ARROWS if name.startswith(("titanic", "collector", "alerting"))]
    assert [f"{name} imports {other}" for name in blocks for other in ARROWS[name] & scripts] == []


def test_no_import_runs_in_a_circle():
    graphlib.TopologicalSorter(ARROWS).prepare()  # CycleError tells the circle


def test_the_one_command_needs_the_standard_library_only():
    files = [ROOT / "course.py", *(ROOT / "setting_up").glob("*.py")]
    found = {name.partition(".")[0] for file in files for name in imported(file)}
    assert found <= sys.stdlib_module_names | {"setting_up"}


def test_of_the_course_only_commands_use_the_set_up():
    """It stands below all the rest, but Python finds it only where course.py has started it."""
    using = {name for name, file in FILES.items() for other in imported(file) if other.startswith("setting_up")}
    assert using
    assert {ROOMS[name] for name in using} == {"classroom.commands"}


# Each module is imported in a process of its own, a fork of one in which all other packages have been imported before:
# what these do is not our business. The process tells what has happened meanwhile.
WATCH = """
import atexit, contextlib, importlib, json, os, signal, sys, threading

names, others = json.loads(sys.stdin.read())
sys.dont_write_bytecode = True
for other in others:
    with contextlib.suppress(Exception):
        importlib.import_module(other)

def state():
    return {
        "sys.path": list(sys.path), "environ": dict(os.environ), "threads": threading.active_count(),
        "atexit": atexit._ncallbacks(), "folder": sorted(os.listdir()),
        "signals": [str(signal.getsignal(one)) for one in (signal.SIGINT, signal.SIGTERM)],
    }

def look(event, arguments):
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        seen.append(f"opens {arguments[0]} to write")
    if event in ("os.mkdir", "os.remove", "os.rename", "subprocess.Popen", "socket.connect", "socket.bind"):
        seen.append(f"{event} {arguments[0]}")

for name in names:
    seen, (reading, writing) = [], os.pipe()
    if pid := os.fork():
        os.close(writing)
        with os.fdopen(reading) as answer:
            print(answer.read())
        os.waitpid(pid, 0)
        continue
    before = state()
    sys.addaudithook(look)
    try:
        importlib.import_module(name)
    except BaseException as error:
        seen.append(f"ends with {error!r}")
    found = list(seen)
    after = state()
    for what in before:
        if before[what] != after[what]:
            found.append(f"changes {what}")
    with os.fdopen(writing, "w") as answer:
        json.dump(found, answer)
        answer.flush()
        os._exit(0)
"""
# Without those that run in another environment, that of a peer.
OWN = [name for name in FILES if name.rpartition(".")[2] not in ("bentoml_service", "mlserver_runtime", "champion")]


@pytest.fixture(scope="module")
def effects(tmp_path_factory):
    """What importing each module of the course does, by its name."""
    if not hasattr(os, "fork"):
        pytest.skip("Windows has no fork")
    others = {other for file in FILES.values() for other in imported(file)}
    # JupyterLab has metrics of its own, one of them with the name of one of ours; no app ever meets it.
    ours = [*FILES, "jupyterlab"]
    others = sorted(other for other in others if not any(f"{other}.".startswith(f"{one}.") for one in ours))
    return effects_of(OWN, tmp_path_factory.mktemp("in"), others)


def effects_of(names, folder, others=(), paths=()):
    """What importing each of these modules does. folder: an empty one to do it in; others: what comes before."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [ROOT, ROOT / "images", *paths]))}
    env = {name: value for name, value in env.items() if name != "MLFLOW_DISABLE_TELEMETRY"}
    result = subprocess.run(
        [sys.executable, "-c", WATCH], input=json.dumps([names, list(others)]), cwd=folder, env=env,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("[")]
    return dict(zip(names, lines, strict=True))


@pytest.mark.parametrize("name", OWN)
def test_a_module_that_is_only_imported_does_nothing(effects, name):
    assert effects[name] == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("import sys; sys.path.append('x')", "changes sys.path"),
        ("import os; os.environ['A_SETTING'] = '1'", "changes environ"),
        ("import atexit; atexit.register(print)", "changes atexit"),
        ("import os; os.mkdir('new')", "changes folder"),
        ("open(__file__ + '.txt', 'w')", "to write"),
        ("import sys; sys.exit(1)", "ends with SystemExit(1)"),
    ],
)
def test_an_effect_would_be_seen(tmp_path, line, told):
    (tmp_path / "guilty.py").write_text(line)
    (tmp_path / "in").mkdir()
    assert told in str(effects_of(["guilty"], tmp_path / "in", paths=[tmp_path])["guilty"])
