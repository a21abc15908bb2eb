"""`course.py` prepares a machine once, repairs what was interrupted, and says in one sentence what it cannot do.

A real set-up takes half a minute. Here the same course.py installs one tiny package from a folder, in seconds.
"""

import ast
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from waiting import until

ROOT = Path(__file__).resolve().parents[1]
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)  # not the one of .venv: a learner has none yet
BIN = "Scripts" if os.name == "nt" else "bin"


def make_wheel(folder, name):
    """The smallest package that pip and uv install."""
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "ready = True\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")


# What the real course leaves to hatchling: an editable installation is a wheel with a list of folders.
BACKEND = """
import pathlib, time, zipfile

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    pathlib.Path(__file__).with_name("building").touch()
    time.sleep(0.3)  # time enough to be killed
    name, info = "small-1.0-py3-none-any.whl", "small-1.0.dist-info"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w") as wheel:
        wheel.writestr("small.pth", str(pathlib.Path(__file__).parent / "apps"))
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", f"small.pth,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n")
    return name
"""
PROJECT = """
[project]
name = "small"
version = "1.0"

[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


def make_course(folder):
    """A small course in this new folder."""
    for name in ("apps", "notebooks/classroom/commands", "wheels"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "course.py", folder)
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "apps" / "sailing_app.py").write_text("ready = True\n", encoding="utf-8")
    (folder / "notebooks" / "classroom" / "commands" / "sail.py").write_text('"""Set sail."""\n', encoding="utf-8")
    for name in ("little", "tiny"):
        make_wheel(folder / "wheels", name)
    wheels = (folder / "wheels").as_posix()
    (folder / "requirements.txt").write_text(
        f'--no-index\n--find-links "{wheels}"\nlittle==1.0\n-c constraints.txt\n', encoding="utf-8"
    )
    (folder / "constraints.txt").write_text("little==1.0\ntiny==1.0\n", encoding="utf-8")
    return folder


@pytest.fixture
def course(tmp_path):
    """A small course in a folder whose name has a space and an accent."""
    return make_course(tmp_path / "my course é")


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A small course that is set up, from another folder; every test leaves it as it was."""
    folder = make_course(tmp_path_factory.mktemp("ready") / "my course é")
    first = call(folder, "setup", cwd=folder.parent)
    assert first.returncode == 0, first.stderr
    return folder


def environment(with_uv=True, **changes):
    """The environment of a newcomer's terminal, with or without uv on the PATH."""
    path = [str(Path(sys.executable).parent)] if with_uv else []
    system = [part for part in os.environ["PATH"].split(os.pathsep) if not (Path(part) / "uv").exists()]
    return os.environ | {"PATH": os.pathsep.join(path + system)} | changes


def call(folder, *arguments, **options):
    """Run course.py in this folder and wait for its end."""
    options = {"env": environment(), "cwd": folder, "capture_output": True, "text": True} | options
    return subprocess.run([BASE_PYTHON, str(folder / "course.py"), *arguments], check=False, **options)


def assert_ready(folder):
    python = folder / ".venv" / BIN / ("python.exe" if os.name == "nt" else "python")
    code = "import little, sailing_app; assert little.ready and sailing_app.ready"
    subprocess.run([python, "-c", code], cwd=folder.parent, check=True)
    assert list((folder / ".venv").rglob("__pycache__/little.*.pyc")), "byte-code was not compiled"


def assert_one_sentence(result):
    assert result.returncode not in (0, None)
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr


def test_it_sets_up_once_and_from_any_folder(ready):
    assert_ready(ready)
    changed = (ready / ".venv").stat().st_mtime_ns
    second = call(ready, "setup", cwd=ready.parent)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert (ready / ".venv").stat().st_mtime_ns == changed


def test_its_commands_are_the_files_of_a_folder(ready):
    listed = call(ready, "--help").stdout
    assert re.findall(r"^  (\w+) +(.+)$", listed, re.MULTILINE) == [
        ("setup", "Only prepare this machine."),
        ("sail", "Set sail."),
    ]
    assert_one_sentence(call(ready, "fly"))


def test_without_uv_it_falls_back_to_pip(course):
    result = call(course, "setup", env=environment(with_uv=False, PIP_NO_INDEX="1"))
    assert result.returncode == 0, result.stderr
    assert "trying pip" in result.stdout
    assert_ready(course)


# A moment in each part of the work: the file by which it is seen.
MOMENTS = {
    "it begins": ".venv",
    "pip is being installed": ".venv/lib/*/site-packages/pip",
    "packages are being installed": ".venv/lib/*/site-packages/little*",
    "the course is being installed": "building",
}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_the_next_call_repairs(course, moment):
    command = [BASE_PYTHON, "course.py", "setup"]
    first = subprocess.Popen(command, cwd=course, env=environment(), stdout=subprocess.DEVNULL)
    until(lambda: any(course.glob(MOMENTS[moment])))
    first.send_signal(signal.SIGKILL)  # this process only: an installer that it started goes on for a while
    assert first.wait() == -signal.SIGKILL, "it had ended before"
    assert call(course, "setup").returncode == 0
    assert_ready(course)


def test_two_terminals_at_once_do_not_disturb_each_other(course):
    command = [BASE_PYTHON, "course.py", "setup"]
    both = [subprocess.Popen(command, cwd=course, env=environment(), stdout=subprocess.PIPE, text=True) for _ in "12"]
    outputs = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("[1/3]" in output for output in outputs) == 1
    assert_ready(course)


def test_a_moved_folder_gets_a_new_environment(ready, tmp_path):
    moved = shutil.copytree(ready, tmp_path / "moved", symlinks=True)
    (moved / "requirements.txt").write_text(
        f"--no-index\n--find-links {(moved / 'wheels').as_posix()}\nlittle==1.0\n-c constraints.txt\n"
    )
    assert "[1/3]" in call(moved, "setup").stdout
    assert_ready(moved)


def test_a_changed_requirement_is_installed(ready, tmp_path):
    course = shutil.copytree(ready, tmp_path / "course", symlinks=True)
    with (course / "requirements.txt").open("a") as file:
        file.write("tiny==1.0\n")
    assert call(course, "setup").returncode == 0
    assert list((course / ".venv").rglob("tiny.py"))


@pytest.mark.parametrize("name", ["requirements.txt", "constraints.txt", "pyproject.toml"])
def test_a_change_of_what_it_was_made_from_makes_it_anew(ready, name):
    course, file = module_of(ready), ready / name
    before = file.read_bytes()
    assert course.is_ready()
    try:
        file.write_bytes(before + b"\n# changed\n")
        assert not course.is_ready()
    finally:
        file.write_bytes(before)
    assert course.is_ready()


def test_without_internet_it_says_so(course):
    (course / "requirements.txt").write_text("little==1.0\n-c constraints.txt\n")
    nowhere = "http://127.0.0.1:9/"
    env = environment(UV_DEFAULT_INDEX=nowhere, PIP_INDEX_URL=nowhere, UV_HTTP_RETRIES="0", PIP_RETRIES="0")
    env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    result = call(course, "setup", env=env)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "internet connection is missing" in result.stderr.splitlines()[-1]
    assert not (course / ".venv" / "course-is-ready").exists()


def with_python(folder, preparation):
    """Run course.py in a Python that was changed in this way first."""
    code = f"import runpy, sys; {preparation}; sys.argv = ['course.py', 'setup']"
    code += "; runpy.run_path('course.py', run_name='__main__')"
    return subprocess.run([BASE_PYTHON, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("version", [(3, 8, 0), (3, 10, 4), (3, 14, 0)])
def test_an_unfit_python_is_refused_with_advice(course, version):
    result = with_python(course, f"sys.version_info = {version}")
    assert_one_sentence(result)
    assert "the course needs 3.11, 3.12 or 3.13" in result.stderr


def test_an_old_python_can_read_the_file_far_enough_to_say_so():
    ast.parse((ROOT / "course.py").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_a_python_without_venv_is_told_how_to_get_it(course):
    result = with_python(course, "sys.modules['ensurepip'] = None")
    assert_one_sentence(result)
    assert "-venv" in result.stderr


def test_half_a_course_is_recognised(tmp_path):
    shutil.copy(ROOT / "course.py", tmp_path)
    result = call(tmp_path, "setup")
    assert_one_sentence(result)
    assert "is not the whole course" in result.stderr


def module_of(folder):
    """The course.py of this folder, imported."""
    spec = importlib.util.spec_from_file_location("course", folder / "course.py")
    course = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(course)
    return course


def test_children_do_not_inherit_what_would_break_them(monkeypatch):
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "1")
    assert not {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "VIRTUAL_ENV"} & module_of(ROOT).environment().keys()


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("", "import titanic, collector, classroom, fastapi_05_batch_test_app"),
        (".", "from uvicorn.importer import import_from_string as load; load('apps.fastapi_05_batch_test_app:app')"),
        ("apps", "from uvicorn.importer import import_from_string as load; load('fastapi_05_batch_test_app:app')"),
    ],
    ids=["anywhere", "uvicorn in the root", "uvicorn in apps"],
)
def test_python_finds_the_real_course_by_itself(tmp_path, inside, code):
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT / inside if inside else tmp_path, env=env, check=True)
