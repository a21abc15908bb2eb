"""`course.py` prepares a machine once, repairs what was interrupted, and says in one sentence what it cannot do.

A real set-up takes half a minute. Here the same course.py installs one tiny package from a folder, in seconds.
"""

import ast
import errno
import importlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from setting_up import causes, pythons, virtual_environment
from setting_up import environment as set_up_environment
from setting_up.path import wrong_in_path
from waiting import until

ROOT = Path(__file__).resolve().parents[1]
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)  # not the one of .venv: a learner has none yet
BIN = "Scripts" if os.name == "nt" else "bin"
on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows starts no shell script")


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


def copy_the_command(folder):
    """course.py, and what belongs to it."""
    shutil.copy(ROOT / "course.py", folder)
    shutil.copytree(ROOT / "setting_up", folder / "setting_up", ignore=shutil.ignore_patterns("__pycache__"))


def make_course(folder):
    """A small course in this new folder."""
    for name in ("apps", "notebooks/classroom/commands", "wheels"):
        (folder / name).mkdir(parents=True)
    copy_the_command(folder)
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


def steering(folder):
    """What somebody may have set for all Pythons, pips and uvs of this machine, and what would lead ours astray."""
    astray = folder.parent / "astray"
    file = folder.parent / "pip.conf"
    # Where packages come from is said here only, and must still count.
    file.write_text(
        f"[global]\nuser = yes\nno-index = yes\nfind-links = {(folder / 'wheels').as_uri()}\n"
        f"[install]\ntarget = {astray}\nrequire-hashes = yes\nroot = {astray}\n"
    )
    by_pip = dict.fromkeys(["USER", "REQUIRE_HASHES", "DRY_RUN", "REQUIRE_VIRTUALENV", "NO_DEPS", "PRE"], "1")
    by_pip |= dict.fromkeys(["TARGET", "PREFIX", "ROOT", "PYTHON", "CONSTRAINT"], str(astray)) | {"NO_BINARY": ":all:"}
    by_uv = dict.fromkeys(["REQUIRE_HASHES", "SYSTEM_PYTHON", "NO_EDITABLE"], "1") | {"PROJECT": str(astray)}
    python = dict.fromkeys(["OPTIMIZE", "SAFEPATH", "DONTWRITEBYTECODE"], "1") | {"WARNINGS": "error"}
    python |= {"IOENCODING": "ascii", "UTF8": "0"}  # as an old code page of Windows, which has few letters
    python |= dict.fromkeys(["PATH", "USERBASE", "PYCACHEPREFIX"], str(astray))
    return (
        {f"PIP_{name}": value for name, value in by_pip.items()}
        | {f"UV_{name}": value for name, value in by_uv.items()}
        | {f"PYTHON{name}": value for name, value in python.items()}
        | {"PIP_CONFIG_FILE": str(file), "PIP_FIND_LINKS": ""}
    )


@pytest.fixture
def course(tmp_path):
    """A small course in a folder whose name has a space and letters that not every code page has."""
    return make_course(tmp_path / "my course é Ж")


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A small course that is set up, from another folder; every test leaves it as it was."""
    folder = make_course(tmp_path_factory.mktemp("ready") / "my course é Ж")
    first = call(folder, "setup", cwd=folder.parent, env=environment(**steering(folder)))
    assert first.returncode == 0, first.stderr
    assert "my course ? ?. This is done once." in first.stdout  # for an old console, these letters are replaced
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
    assert not (ready.parent / "astray").exists()
    if os.name != "nt":
        assert (ready / ".venv" / BIN / "python").is_symlink()  # its Python may need a library that lies beside it
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


@pytest.mark.parametrize("asked", ["-h", "--help"])
def test_help_is_given_before_the_set_up(course, asked):
    told_first = {"setup": "python course.py setup only prepares", "sail": "Set sail.\n\nIts options are known after"}
    for command, told in told_first.items():
        result = call(course, command, asked)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.startswith(told)
    assert not (course / ".venv").exists()
    assert_one_sentence(call(course, "setup", "--al"))


def test_without_uv_it_falls_back_to_pip(course):
    (course / "requirements.txt").write_text("little==1.0\n-c constraints.txt\n")  # pip.conf says from where
    result = call(course, "setup", env=environment(with_uv=False, **steering(course)))
    assert result.returncode == 0, result.stderr
    assert "trying pip" in result.stdout
    assert_ready(course)
    assert not (course.parent / "astray").exists()


def fake_uv(folder, said, status):
    """A uv that installs nothing, but says this and ends with this status: the PATH with it."""
    folder.mkdir()
    (folder / "uv").write_text(f"#!/bin/sh\necho '{said}'\nexit {status}\n")
    (folder / "uv").chmod(0o755)
    return os.pathsep.join([str(folder), environment(with_uv=False)["PATH"]])


@on_posix
def test_ready_is_said_only_of_packages_that_can_be_imported(course, tmp_path):
    path = fake_uv(tmp_path / "bin", "all is well", 0)
    result = call(course, "setup", env=environment(PATH=path))
    assert "No package metadata was found for little. Now trying pip." in result.stdout
    assert_ready(course)


@on_posix
def test_a_full_disk_is_not_told_as_the_internet_and_not_filled_twice(course, tmp_path, monkeypatch, capsys):
    path = fake_uv(tmp_path / "bin", "error: failed to copy file: No space left on device (os error 28)", 2)
    monkeypatch.setenv("PATH", path)
    assert part_of(course, "installers").install().startswith("The disk is full")
    assert "trying pip" not in capsys.readouterr().out


def test_a_nearly_full_disk_is_told_before_anything_is_fetched(course):
    result = with_python(course, "import shutil; shutil.disk_usage = lambda _: shutil._ntuple_diskusage(9, 9, 9)")
    assert_one_sentence(result)
    assert result.stderr.startswith("The disk is full")


@on_posix
def test_a_python_that_does_not_start_from_venv_says_why(course):
    program = "#!/bin/sh\\necho dyld: Library not loaded: libpython3.11.dylib\\nexit 6\\n"
    make = f"(p / 'python').write_text('{program}'), (p / 'python').chmod(0o755)"
    result = with_python(
        course,
        f"import pathlib, venv; p = pathlib.Path('.venv/bin'); "
        f"venv.EnvBuilder.create = lambda *_: (p.mkdir(parents=True), {make})",
    )
    assert_one_sentence(result)
    assert "does not start in a virtual environment: dyld: Library not loaded: libpython3.11.dylib" in result.stderr


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: Failed to write: There is not enough space on the disk. (os error 112)", "disk is full"),
        ("Caused by: Disk quota exceeded (os error 122)", "disk is full"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x'",
            "may not be written",
        ),
        ("Caused by: Read-only file system (os error 30)", "may not be written"),
        ("  ╰─▶ client error (Connect)\n  ╰─▶ invalid peer certificate: UnknownIssuer", "certificate"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "certificate"),
        ("error: Failed to fetch: `https://pypi.org/simple/x/`\n dns error: failed to lookup address", "internet"),
        ("Retrying after connection broken by 'ProxyError('Cannot connect to proxy.'", "internet"),
        ("NewConnectionError('<pip...>: Failed to establish a new connection: [Errno 111]", "internet"),
        ("  Failed to build `pandas==2.3.3`", "processor"),
        ("[WinError 5] Zugriff verweigert: 'C:\\x'", "may not be written"),
        ("[WinError 32] Der Prozess kann nicht auf die Datei zugreifen", "open in another program"),
        ("[WinError 112] Es steht nicht genug Speicherplatz auf dem Datenträger zur Verfügung", "disk is full"),
        ("Broken pipe (os error 32)", "open in another program" if os.name == "nt" else ""),
        ("Input/output error (os error 5)", "may not be written" if os.name == "nt" else ""),
        ("pip's dependency resolver does not take into account", ""),
        ("ERROR: No matching distribution found for little==1.0", ""),
    ],
)
def test_the_cause_is_that_which_the_installer_has_met(said, told):
    assert told in causes.cause(said)
    assert bool(told) == bool(causes.cause(said))


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
    env = environment(with_uv=not moment.startswith("pip"))
    first = subprocess.Popen(command, cwd=course, env=env, stdout=subprocess.DEVNULL)
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


@pytest.mark.skipif(os.name == "nt", reason="Windows locks by another function")
@pytest.mark.parametrize("error", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_disk_that_knows_no_locks_is_not_waited_for(monkeypatch, tmp_path, error):
    def refuse(*_):
        raise OSError(error, os.strerror(error))

    with (tmp_path / "lock").open("wb") as one, (tmp_path / "lock").open("wb") as other:
        assert virtual_environment.try_lock(one.fileno())
        assert not virtual_environment.try_lock(other.fileno())  # the first has it
        monkeypatch.setattr("fcntl.flock", refuse)
        assert virtual_environment.try_lock(other.fileno())


NOWHERE = {name: "http://127.0.0.1:9/" for name in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL")}


def test_a_moved_folder_needs_no_internet(ready, tmp_path):
    moved = shutil.copytree(ready, tmp_path / "a new name", symlinks=True)
    result = call(moved, "setup", env=environment(with_uv=False, **NOWHERE))
    assert result.returncode == 0, result.stderr
    assert "[3/3]" not in result.stdout
    assert_ready(moved)
    python = moved / ".venv" / BIN / "python"
    code = "import sailing_app; print(sailing_app.__file__)"
    found = subprocess.check_output([python, "-c", code], cwd=tmp_path, text=True).strip()
    assert Path(found) == moved / "apps" / "sailing_app.py"
    if os.name != "nt":
        assert str(moved) in subprocess.check_output([moved / ".venv" / "bin" / "pip", "--version"], text=True)
        assert str(moved) in (moved / ".venv" / "bin" / "activate").read_text()
    assert call(moved, "setup").stdout == ""


def test_a_moved_folder_with_other_requirements_gets_a_new_environment(ready, tmp_path):
    moved = shutil.copytree(ready, tmp_path / "moved", symlinks=True)
    (moved / "requirements.txt").write_text(
        f"--no-index\n--find-links {(moved / 'wheels').as_posix()}\nlittle==1.0\n-c constraints.txt\n"
    )
    assert "[1/3]" in call(moved, "setup").stdout
    assert_ready(moved)


def test_a_changed_requirement_is_installed_and_one_that_cannot_be_had_destroys_nothing(ready, tmp_path):
    course = shutil.copytree(ready, tmp_path / "course", symlinks=True)
    before = (course / "requirements.txt").read_text()
    (course / "requirements.txt").write_text(f"{before}nowhere==1.0\n")
    assert call(course, "setup").returncode == 1
    assert list((course / ".venv").rglob("little.py"))
    assert (course / ".venv" / "course-is-ready").exists()
    assert not (course / ".tools" / "venv-before").exists()
    (course / "requirements.txt").write_text(before)
    with (course / "requirements.txt").open("a") as file:
        file.write("tiny==1.0\n")
    assert call(course, "setup").returncode == 0
    assert list((course / ".venv").rglob("tiny.py"))


def test_what_is_for_another_system_is_left_out(ready, tmp_path):
    course = shutil.copytree(ready, tmp_path / "course", symlinks=True)
    with (course / "requirements.txt").open("a") as file:
        file.write('tiny==1.0 ; sys_platform == "another"  # some packages are not made for all\n')
    assert call(course, "setup").returncode == 0
    assert not list((course / ".venv").rglob("tiny.py"))
    assert_ready(course)


@pytest.mark.parametrize("name", ["requirements.txt", "constraints.txt", "pyproject.toml"])
def test_a_change_of_what_it_was_made_from_makes_it_anew(ready, name):
    environment, file = part_of(ready, "virtual_environment"), ready / name
    before = file.read_bytes()
    assert environment.is_ready()
    try:
        file.write_bytes(before + b"\n# changed\n")
        assert not environment.is_ready()
    finally:
        file.write_bytes(before)
    assert environment.is_ready()


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


def with_python(folder, preparation, command="setup", **variables):
    """Run course.py in a Python that was changed in this way first, and with these variables."""
    code = f"import runpy, sys; {preparation}; sys.argv = ['course.py', {command!r}]"
    code += "; runpy.run_path('course.py', run_name='__main__')"
    command, env = [BASE_PYTHON, "-c", code], os.environ | variables
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 7, 9)])
def test_a_very_old_python_is_refused_with_advice(course, version):
    result = with_python(course, f"sys.version_info = {version}")
    assert_one_sentence(result)
    assert f"This is Python {version[0]}.{version[1]}; the course needs 3.11, 3.12, 3.13 or 3.14." in result.stderr


def test_a_very_old_python_can_read_the_file_far_enough_to_say_so():
    tree = ast.parse((ROOT / "course.py").read_text(encoding="utf-8"), feature_version=(3, 4))
    too_new = (ast.JoinedStr, ast.AnnAssign, ast.arg, ast.Nonlocal, ast.Starred, ast.keyword)
    found = [node for node in ast.walk(tree) if isinstance(node, too_new)]
    # The two stars that Python 2 knows: what is handed to a function, and what a lambda takes.
    assert sorted(ast.unparse(node) for node in found) == ["*sys.version_info[:2]", "_"]


def test_an_old_python_can_read_what_finds_another():
    for name in ("__init__", "places", "causes", "environment", "installers", "pythons", "stick"):
        ast.parse((ROOT / "setting_up" / f"{name}.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def pythons_on_path(folder, **statuses):
    """A PATH with these Pythons only: one that ends with this status, or, for None, one that fits."""
    folder.mkdir(exist_ok=True)
    for minor, status in statuses.items():
        name = folder / minor.replace("_", ".")
        name.write_text(f'#!/bin/sh\nexec "{BASE_PYTHON}" "$@"\n' if status is None else f"#!/bin/sh\nexit {status}\n")
        name.chmod(0o755)
    return os.pathsep.join([str(folder), "/usr/bin/no", "/bin/no"])


@on_posix
@pytest.mark.parametrize("version", [(3, 8, 0), (3, 10, 4), (3, 15, 0)])
def test_another_python_of_the_machine_takes_over_if_it_starts(course, tmp_path, version):
    path = pythons_on_path(tmp_path / "bin", python3_13=127, python3_12=None)
    result = with_python(course, f"sys.version_info = {version}", "--help", PATH=path)
    assert result.returncode == 0, result.stderr
    assert "  sail     Set sail." in result.stdout


WITHOUT_GIL = "import sysconfig as s; old = s.get_config_var; s.get_config_var = lambda n: n[:6] == 'Py_GIL' or old(n)"


@on_posix
@pytest.mark.parametrize(
    ("preparation", "kind"),
    [
        ("sys.implementation.name = 'pypy'", "pypy"),
        ("sys.maxsize = 2**31 - 1", "32 bits"),
        (WITHOUT_GIL, "free-threaded"),
    ],
)
def test_a_python_for_which_packages_are_not_ready_made_does_not_fit(course, tmp_path, preparation, kind):
    path = pythons_on_path(tmp_path / "bin")
    result = with_python(course, preparation, "--help", PATH=path)
    assert_one_sentence(result)
    version = "{}.{}".format(*sys.version_info[:2])
    told = f"This is Python {version} ({kind}); the course needs 3.11 to 3.14 in its usual kind, CPython of 64 bits."
    assert result.stderr.startswith(told)

    name = tmp_path / "bin" / "python3.13"  # another one like that is not called either
    name.write_text(f'#!/bin/sh\nexec "{BASE_PYTHON}" -c "import sys; {preparation}; exec(sys.argv[2])" "$@"\n')
    name.chmod(0o755)
    assert with_python(course, preparation, "--help", PATH=path).stderr == result.stderr
    pythons_on_path(tmp_path / "bin", python3_12=None)
    assert "  sail     Set sail." in with_python(course, preparation, "--help", PATH=path).stdout


@on_posix
def test_a_python_for_intel_macs_is_told_which_mac_the_course_needs(course, tmp_path):
    mac = (
        "import platform as p, sysconfig as s; p.system = lambda: 'Darwin'; s.get_platform = lambda: 'macosx-14-x86_64'"
    )
    path = pythons_on_path(tmp_path / "bin")
    for command in ("setup", "doctor", "--help"):
        result = with_python(course, mac, command, PATH=path)
        assert_one_sentence(result)
        assert result.stderr == pythons.INTEL_MAC + "\n"
    assert not (course / ".tools" / "python").exists()
    pythons_on_path(tmp_path / "bin", python3_12=None)
    assert "  sail     Set sail." in with_python(course, mac, "--help", PATH=path).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="the list of this test names a Python for Linux")
def test_where_no_python_fits_one_is_fetched_into_the_folder_of_the_course(course, tmp_path):
    """By the real uv, from a list and an archive on this machine; the Python in it hands on to that of this test."""
    name, bin_ = "cpython-3.13.9-linux-x86_64-gnu", tmp_path / "python" / "bin"
    (tmp_path / "python" / "lib" / "python3.13").mkdir(parents=True)
    pythons_on_path(bin_, python3_13=None)
    archive = shutil.make_archive(tmp_path / "archive", "gztar", tmp_path, "python")
    kind = {"name": "cpython", "arch": {"family": platform.machine(), "variant": None}, "os": "linux", "libc": "gnu"}
    version = {"major": 3, "minor": 13, "patch": 9, "prerelease": "", "variant": None, "build": "20251014"}
    listed = {name: kind | version | {"url": Path(archive).as_uri(), "sha256": None}}
    (tmp_path / "list.json").write_text(json.dumps(listed))
    path = pythons_on_path(tmp_path / "bin")
    (tmp_path / "bin" / "uv").symlink_to(shutil.which("uv", path=environment()["PATH"]))

    variables = {"PATH": path, "UV_PYTHON_DOWNLOADS_JSON_URL": str(tmp_path / "list.json")}
    result = with_python(course, "sys.version_info = (3, 9, 1)", **variables)
    assert result.returncode == 0, result.stderr
    assert "This is Python 3.9; the course needs 3.11 to 3.14. Fetching 3.13 for it ..." in result.stdout
    assert_ready(course)
    assert sorted(file.name for file in (course / ".tools" / "python").glob("cpython*")) == [name]
    again = with_python(course, "sys.version_info = (3, 9, 1)", **variables)
    assert (again.returncode, again.stdout) == (0, "")


def test_where_none_can_be_fetched_it_says_so(course, tmp_path):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": os.devnull}
    nothing = {"PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": "", "PATH": pythons_on_path(tmp_path / "bin")}
    result = with_python(course, "sys.version_info = (3, 9, 1)", **nowhere, **nothing)
    assert_one_sentence(result)
    assert "3.13 could not be fetched: The packages could not be fetched: most often the internet" in result.stderr
    assert "Install 3.13 from https://www.python.org/downloads/" in result.stderr


@pytest.mark.parametrize("left", [b"", b"\n", b"\0\0", b"\xff", b"1c9f"], ids=str)
def test_a_torn_file_that_says_it_is_complete_says_nothing(ready, left):
    """The machine lost its power, or the disk was full, while it was written."""
    environment, stamp = part_of(ready, "virtual_environment"), ready / ".venv" / "course-is-ready"
    before = stamp.read_bytes()
    try:
        stamp.write_bytes(left)
        assert not environment.is_ready()
        assert not environment.has_moved()
    finally:
        stamp.write_bytes(before)
    assert environment.is_ready()


@on_posix
def test_where_its_python_has_gone_it_is_made_anew(ready, tmp_path):
    """Somebody has removed the Python that it was made with, and calls it by another one."""
    course = shutil.copytree(ready, tmp_path / "course", symlinks=True)
    for name in (course / ".venv" / "bin").glob("python*"):
        name.unlink()
    (course / ".venv" / "bin" / "python").symlink_to(tmp_path / "gone")
    (packages,) = (course / ".venv" / "lib").glob("python3.*")
    packages.rename(packages.with_name("python3.99"))
    result = call(course, "setup")
    assert result.returncode == 0, result.stderr
    assert_ready(course)


@on_posix
def test_where_its_python_lies_in_a_folder_of_somebody_else_ours_takes_its_place(ready, tmp_path, monkeypatch):
    """Somebody has set it up by a Python of the own home, and handed on the whole folder."""
    environment = part_of(shutil.copytree(ready, tmp_path / "course", symlinks=True), "virtual_environment")
    look = os.stat

    def refused(path, *arguments, **options):
        if str(path) == str(environment.PYTHON):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return look(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", refused)
    assert environment.has_moved()
    assert not environment.is_ready()
    assert environment.python_below() == sys.executable
    assert not list(environment.BIN.glob("python*"))


@on_posix
def test_a_fetched_python_moves_with_the_course(course, tmp_path):
    python = course / ".tools" / "python" / "cpython-3.13.9-linux-x86_64-gnu" / "bin" / "python3.13"
    python.parent.mkdir(parents=True)
    python.symlink_to(BASE_PYTHON)
    path = os.pathsep.join([str(tmp_path / "no"), environment()["PATH"]])
    assert with_python(course, "sys.version_info = (3, 9, 1)", PATH=path).returncode == 0
    moved = course.rename(tmp_path / "moved")
    (moved / "wheels").rename(moved / "no wheels")
    result = with_python(moved, "sys.version_info = (3, 9, 1)", PATH=path)
    assert result.returncode == 0, result.stderr
    assert "The folder of the course has moved" in result.stdout


def test_a_python_without_venv_is_told_how_to_get_it(course):
    result = with_python(course, "sys.modules['ensurepip'] = None")
    assert_one_sentence(result)
    assert "-venv" in result.stderr


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b"a:b", ": in it"),
        (b"what?", "? in it"),
        (b"my%20course", "% in it"),
        (b"100% mine", "% in it"),
        (b"my*course", "* in it"),
        *([] if os.name == "nt" else [(rb"my\course", r"\ in it")]),
        (b"caf\xe9", "letters that are not UTF-8 in it"),
    ],
)
def test_a_path_with_which_the_packages_do_not_work_is_refused(tmp_path, name, told):
    try:
        folder = make_course(tmp_path / "course").rename(tmp_path / os.fsdecode(name))
    except (OSError, UnicodeError):
        pytest.skip("this system has no such names of folders")
    result = call(folder, "setup", errors="replace")
    assert_one_sentence(result)
    assert told in result.stderr
    assert result.stderr.endswith("rename that folder, then call this again.\n")
    assert not (folder / ".venv").exists()


@pytest.mark.parametrize("name", ["my course é [1]", "#1 & 'q\" $x"])
def test_other_paths_are_not_refused(tmp_path, monkeypatch, name):
    monkeypatch.setattr("setting_up.path.ROOT", tmp_path / name)
    assert wrong_in_path() == ""


def test_half_a_course_is_recognised(tmp_path):
    copy_the_command(tmp_path)
    result = call(tmp_path, "setup")
    assert_one_sentence(result)
    assert "is not the whole course" in result.stderr


def part_of(folder, name):
    """This module of the set-up of the course in this folder; for the next test, that of this course is imported."""
    ours = {name: module for name, module in sys.modules.items() if f"{name}.".startswith("setting_up.")}
    for other in ours:
        del sys.modules[other]
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(f"setting_up.{name}")
    finally:
        sys.path.remove(str(folder))
        for other in [name for name in sys.modules if f"{name}.".startswith("setting_up.")]:
            del sys.modules[other]
        sys.modules.update(ours)


def test_children_do_not_inherit_what_would_break_them(monkeypatch):
    python = ["DONTWRITEBYTECODE", "HOME", "OPTIMIZE", "INSPECT", "WARNINGS", "PLATLIBDIR", "IOENCODING", "SAFEPATH"]
    names = {f"PYTHON{name}" for name in python} | {"VIRTUAL_ENV", "MPLBACKEND", "JUPYTER_PATH", "UVICORN_HOST"}
    names |= {"PYTHON_CPU_COUNT", "PYTHON_LAZY_IMPORTS", "PYTEST_ADDOPTS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD"}
    for name in names:
        monkeypatch.setenv(name, "1")
    assert not names & set_up_environment.environment().keys()


@pytest.mark.skipif(os.name == "nt", reason="Windows closes files to others in another way")
def test_jupyter_writes_its_files_also_where_none_can_be_closed_to_others(monkeypatch):
    """On a drive of Windows in Linux, and on many a USB stick, every file is open to all: lab would be a traceback."""
    monkeypatch.delenv("JUPYTER_ALLOW_INSECURE_WRITES", raising=False)
    assert "JUPYTER_ALLOW_INSECURE_WRITES" not in set_up_environment.environment()
    really = os.stat

    def open_to_all(path, **options):
        found = list(really(path, **options))
        return os.stat_result([found[0] | 0o777, *found[1:]])

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", open_to_all)
        assert set_up_environment.environment()["JUPYTER_ALLOW_INSECURE_WRITES"] == "1"
    monkeypatch.setenv("JUPYTER_ALLOW_INSECURE_WRITES", "true")  # somebody knows this already
    assert set_up_environment.environment()["JUPYTER_ALLOW_INSECURE_WRITES"] == "true"


def test_children_inherit_what_they_need_to_reach_the_internet(monkeypatch):
    names = {"PIP_INDEX_URL", "PIP_CERT", "PIP_PROXY", "PIP_TRUSTED_HOST", "UV_DEFAULT_INDEX", "UV_INDEX_OURS_PASSWORD",
             "UV_NATIVE_TLS", "SSL_CERT_FILE", "HTTPS_PROXY", "PYTHON_KEYRING_BACKEND", "PYTHONUNBUFFERED",
             "UV_PYTHON_INSTALL_MIRROR"}  # fmt: skip
    for name in names:
        monkeypatch.setenv(name, "1")
    assert names <= set_up_environment.environment().keys()


def test_a_certificate_that_one_is_told_to_name_counts_also_where_the_servers_are_fetched(monkeypatch, tmp_path):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))  # requests would refuse it
    assert "REQUESTS_CA_BUNDLE" not in set_up_environment.environment()
    (tmp_path / "ours.pem").touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ours.pem"))
    assert set_up_environment.environment()["REQUESTS_CA_BUNDLE"] == str(tmp_path / "ours.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "other.pem")
    assert set_up_environment.environment()["REQUESTS_CA_BUNDLE"] == "other.pem"


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("", "import titanic, collector, alerting, classroom, fastapi_05_batch_test_app"),
        (".", "from uvicorn.importer import import_from_string as load; load('apps.fastapi_05_batch_test_app:app')"),
        ("apps", "from uvicorn.importer import import_from_string as load; load('fastapi_05_batch_test_app:app')"),
    ],
    ids=["anywhere", "uvicorn in the root", "uvicorn in apps"],
)
def test_python_finds_the_real_course_by_itself(tmp_path, inside, code):
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT / inside if inside else tmp_path, env=env, check=True)
