"""`course.py` prepares a machine once, repairs what was interrupted, and says in one sentence what it cannot do.

A real set-up takes half a minute. Here the same course.py installs one tiny package from a folder, in seconds.
"""

import ast
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

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


@pytest.fixture
def course(tmp_path):
    """A small course in a folder whose name has a space and an accent."""
    folder = tmp_path / "my course é"
    for name in ("apps", "notebooks", "wheels"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "course.py", folder)
    for name in ("little", "tiny"):
        make_wheel(folder / "wheels", name)
    wheels = (folder / "wheels").as_posix()
    (folder / "requirements.txt").write_text(
        f'--no-index\n--find-links "{wheels}"\nlittle==1.0\n-c constraints.txt\n', encoding="utf-8"
    )
    (folder / "constraints.txt").write_text("little==1.0\ntiny==1.0\n", encoding="utf-8")
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
    subprocess.run([python, "-c", "import little; assert little.ready"], check=True)
    assert list((folder / ".venv").rglob("__pycache__/little.*.pyc")), "byte-code was not compiled"


def assert_one_sentence(result):
    assert result.returncode not in (0, None)
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr


def test_it_sets_up_once_and_from_any_folder(course, tmp_path):
    first = call(course, "setup", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert_ready(course)
    changed = (course / ".venv").stat().st_mtime_ns
    second = call(course, "setup", cwd=tmp_path)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert (course / ".venv").stat().st_mtime_ns == changed


def test_without_uv_it_falls_back_to_pip(course):
    result = call(course, "setup", env=environment(with_uv=False, PIP_NO_INDEX="1"))
    assert result.returncode == 0, result.stderr
    assert "trying pip" in result.stdout
    assert_ready(course)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.0, 3.0, 4.0, 5.0])
def test_killed_at_any_moment_the_next_call_repairs(course, seconds):
    command = [BASE_PYTHON, "course.py", "setup"]
    first = subprocess.Popen(command, cwd=course, env=environment(), stdout=subprocess.DEVNULL)
    time.sleep(seconds)
    first.send_signal(signal.SIGKILL)  # this process only: an installer that it started goes on for a while
    first.wait()
    assert call(course, "setup").returncode == 0
    assert_ready(course)


def test_two_terminals_at_once_do_not_disturb_each_other(course):
    command = [BASE_PYTHON, "course.py", "setup"]
    both = [subprocess.Popen(command, cwd=course, env=environment(), stdout=subprocess.PIPE, text=True) for _ in "12"]
    outputs = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("[1/3]" in output for output in outputs) == 1
    assert_ready(course)


def test_a_moved_folder_gets_a_new_environment(course):
    call(course, "setup")
    moved = course.rename(course.with_name("moved"))
    (moved / "requirements.txt").write_text(
        f"--no-index\n--find-links {(moved / 'wheels').as_posix()}\nlittle==1.0\n-c constraints.txt\n"
    )
    assert "[1/3]" in call(moved, "setup").stdout
    assert_ready(moved)


def test_a_changed_requirement_is_installed(course):
    call(course, "setup")
    with (course / "requirements.txt").open("a") as file:
        file.write("tiny==1.0\n")
    assert call(course, "setup").returncode == 0
    assert list((course / ".venv").rglob("tiny.py"))


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


def test_children_do_not_inherit_what_would_break_them(monkeypatch):
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "1")
    spec = importlib.util.spec_from_file_location("course", ROOT / "course.py")
    course = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(course)
    assert not {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "VIRTUAL_ENV"} & course.environment().keys()
