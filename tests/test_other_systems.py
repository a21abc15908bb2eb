"""What Windows does otherwise, as far as it can be imitated: a file that is open, a console that cannot be asked …"""

import asyncio
import ctypes
import errno
import importlib.util
import os
import re
import signal
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from types import SimpleNamespace

import known_skips
import pytest
import yaml
from packaging.requirements import Requirement
from setting_up import installers, path, places, pythons, virtual_environment

from classroom import load
from classroom.commands import _delivered, _ending
from classroom.servers import child, contestants, disk, extras, ports, process, ray_app, release, reloader, watcher
from classroom.servers.process import Server
from login import accounts
from titanic import file_lock, renaming
from titanic.problem import Problem
from titanic.rotation import RotatingAppender

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def in_use(monkeypatch):
    """in_use(2): the next two times, no file gets another name, as on Windows while somebody has it open."""
    really = os.replace
    left = [0]

    def replace(old, new):
        if left[0]:
            left[0] -= 1
            error = PermissionError(13, "The process cannot access the file", str(old), None, str(new))
            error.winerror = 32
            raise error
        really(old, new)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(renaming, "PAUSES", (0.01,) * len(renaming.PAUSES))

    def times(number):
        left[0] = number
        return left

    return times


def test_a_file_that_somebody_has_open_gets_its_new_name_a_little_later(in_use, tmp_path):
    (tmp_path / "new").write_text("new")
    (tmp_path / "old").write_text("old")
    left = in_use(len(renaming.PAUSES))
    renaming.rename(tmp_path / "new", tmp_path / "old")
    assert left == [0]
    assert [path.read_text() for path in tmp_path.iterdir()] == ["new"]


def test_one_that_stays_open_is_told_and_is_left_as_it_was(in_use, tmp_path):
    (tmp_path / "new").touch()
    in_use(1000)
    with pytest.raises(PermissionError, match="The process cannot access the file"):
        renaming.rename(tmp_path / "new", tmp_path / "old")
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_for_what_a_scanner_reads_long_one_may_wait_longer(in_use, tmp_path):
    (tmp_path / "new").mkdir()
    left = in_use(len(renaming.PAUSES) + 3)
    renaming.rename(tmp_path / "new", tmp_path / "old", [0.01] * len(release.PATIENT))
    assert left == [0]
    assert sum(release.PATIENT) > 30
    in_use(1000)
    with pytest.raises(Problem, match="another program, perhaps a virus scanner"), release.in_one_sentence("X", "here"):
        renaming.rename(tmp_path / "old", tmp_path / "new")


def test_the_last_step_of_the_set_up_waits_for_a_scanner_too(monkeypatch, tmp_path):
    monkeypatch.setattr(virtual_environment, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(virtual_environment, "time", SimpleNamespace(sleep=lambda seconds: None))
    refusals, really = [5, 32], Path.replace

    def replace(self, new):
        if refusals:
            error = PermissionError(13, "Access is denied")
            error.winerror = refusals.pop()
            raise error
        really(self, new)

    monkeypatch.setattr(Path, "replace", replace)
    virtual_environment.write_stamp()
    assert virtual_environment.stamp() == virtual_environment.fingerprint()


def test_what_may_not_be_written_is_told_at_once(monkeypatch, tmp_path):
    asked = []

    def refuse(old, new):
        asked.append(old)
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError):
        renaming.rename(tmp_path / "new", tmp_path / "old")
    assert len(asked) == 1


def test_a_reader_of_the_accounts_or_of_the_log_does_not_keep_them_from_changing(in_use, tmp_path):
    in_use(2)
    accounts.write(tmp_path / "accounts.json", {"rose": accounts.Account(role="user")})
    assert "rose" in accounts.read(tmp_path / "accounts.json")
    in_use(2)
    with _delivered.new_folder(tmp_path / "handout") as new:
        (new / "README.md").touch()
    assert (tmp_path / "handout" / "README.md").exists()
    log = RotatingAppender(tmp_path / "log.jsonl")
    log.append([{"execute": 1}])
    log.max_size = 1
    in_use(2)
    log.open()
    log.close()
    assert len(list(tmp_path.glob("log.*-*.jsonl"))) == 1


def test_a_file_that_is_open_in_another_program_is_told_as_such():
    error = PermissionError(13, "The process cannot access the file", "log.jsonl")
    assert "is not yours to write to" in disk.reason(error)
    error.winerror = 32
    assert disk.reason(error) == "log.jsonl is open in another program: close it there, then call this again."


def test_on_windows_a_folder_is_one_s_own_if_a_file_can_be_made_there(monkeypatch, tmp_path):
    """os.access says yes to each folder there."""
    monkeypatch.setattr(sys, "platform", "win32")
    assert disk.is_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    assert not disk.is_writable(tmp_path / "file")


def test_the_reader_of_a_pipe_that_has_seen_enough_is_no_fault_on_windows_either(monkeypatch):
    def command():
        raise OSError(errno.EINVAL, "Invalid argument")

    def status():
        with pytest.raises(SystemExit) as end:
            _ending.run(command)
        return end.value.code

    monkeypatch.setattr(process, "started", {})
    monkeypatch.setattr(_ending, "not_writable", lambda: None)
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "platform", "win32")
            assert status() == 1
            patch.setattr(sys, "platform", "linux")
            assert str(status()).startswith("This did not work: ")
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@pytest.mark.parametrize(
    ("made_for", "machine", "processor"),
    [("win-amd64", "ARM64", "amd64"), ("win-arm64", "ARM64", "arm64"), ("macosx-14.0-universal2", "arm64", "arm64")],
)
def test_servers_are_fetched_for_the_processor_of_this_python_on_windows(monkeypatch, made_for, machine, processor):
    """A Python for Intel runs on ARM too, and so does a server; since 3.12 it tells that the machine is one of ARM."""
    monkeypatch.setattr("sysconfig.get_platform", lambda: made_for)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert release.this_machine()[1] == processor


def test_another_python_is_called_by_its_whole_name_on_windows(monkeypatch):
    """Windows takes what stands behind the dot of python3.13 for the kind of the file, and adds no .exe."""
    called = []
    monkeypatch.setattr(pythons, "os", SimpleNamespace(name="nt"))
    monkeypatch.setattr(pythons, "starts", called.append)
    assert pythons.another() == []
    assert [command[-1] for command in called if command[0] != "py"][-4:] == [
        f"python{minor}.exe" for minor in pythons.MINORS
    ]


def test_a_server_that_refuses_is_named_whatever_the_system_says_of_it(monkeypatch):
    async def refuse(host, port):
        raise ConnectionRefusedError(1225, "Der Remotecomputer hat die Netzwerkverbindung abgelehnt")

    monkeypatch.setattr(asyncio, "open_connection", refuse)
    with pytest.raises(ConnectionRefusedError, match=r"'127\.0\.0\.1', 9"):
        asyncio.run(load.connect("http://127.0.0.1:9/predict_single"))


def test_windows_locks_a_byte_that_nobody_reads_and_whose_number_it_can_count(monkeypatch, tmp_path):
    """Its C library looks at 32 bits of the number: further out, the lock would fail, or be on another byte."""
    locked = set()

    def locking(descriptor, mode, size):
        place = os.lseek(descriptor, 0, os.SEEK_CUR)
        if place in locked:
            raise PermissionError(13, "Permission denied")
        locked.add(place)

    windows = SimpleNamespace(locking=locking, LK_NBLCK=2)
    monkeypatch.setattr(file_lock, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(file_lock, "msvcrt", windows, raising=False)
    with open(tmp_path / "log", "a+b", buffering=0) as one, open(tmp_path / "log", "a+b", buffering=0) as other:
        assert (file_lock.lock(one), file_lock.lock(other)) == (True, False)
        one.write(b"x")
        other.seek(0)
        assert other.read() == b"x"  # it is written where it belongs
    assert all(10**9 < place < 2**31 - 1 for place in locked)


def test_a_course_that_is_open_is_not_set_up_anew(monkeypatch, tmp_path):
    """Windows gives no folder another name while a program in it runs. The packages must be there afterwards."""
    for name in ("VENV", "BEFORE"):
        monkeypatch.setattr(virtual_environment, name, tmp_path / name)
    monkeypatch.setattr(virtual_environment, "STAMP", tmp_path / "VENV" / "stamp")
    (tmp_path / "VENV").mkdir()
    (tmp_path / "VENV" / "stamp").touch()

    def rename(self, new):
        error = PermissionError(13, "Access is denied")
        error.winerror = 5
        raise error

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(SystemExit, match=r"it is still open: end JupyterLab"), virtual_environment.old_one_kept():
        raise AssertionError("it goes on")
    assert (tmp_path / "VENV" / "stamp").exists()


def test_a_folder_with_too_long_a_path_is_refused_before_anything_is_fetched(monkeypatch, tmp_path):
    assert not path.path_is_too_long()
    longest = max(len(name) for name in names_in_the_packages())
    assert 120 < longest < path.LONGEST
    for name in ("LONGEST", "NAME"):  # no system allows a name of so many letters
        monkeypatch.setattr(path, name, 300)
    monkeypatch.setattr(virtual_environment, "is_ready", lambda: False)
    for module in (path, virtual_environment):
        monkeypatch.setattr(module, "TOOLS", tmp_path)
    if Path(sys.prefix) == places.VENV:  # else the set-up asks to leave it first
        monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    with pytest.raises(SystemExit, match=r"is too long: .* Move the course into a folder with a short path"):
        virtual_environment.set_up()


def test_a_disk_that_allows_short_names_only_is_not_taken_for_a_long_path():
    """The whole path must have room; a name of so many letters is in no package, and eCryptfs allows 143."""
    probe = path.longest_path()
    assert len(str(probe.relative_to(places.ROOT))) == path.LONGEST
    assert max(len(name) for name in probe.relative_to(places.ROOT).parts) < 100
    assert not path.path_is_too_long()
    assert not (places.TOOLS / probe.relative_to(places.TOOLS).parts[0]).exists()


def names_in_the_packages():
    """The files of the packages, as they lie below the folder of the course on Windows."""
    for record in Path(pytest.__file__).parents[1].glob("*.dist-info/RECORD"):
        for line in record.read_text(encoding="utf-8").splitlines():
            yield ".venv/Lib/site-packages/" + line.split(",")[0]


def test_the_packages_find_the_course_without_a_letter_of_its_path(monkeypatch, tmp_path):
    """Python 3.11 and 3.12 on Windows read what an installer writes there in the code page of the machine."""
    packages = tmp_path / "Jürgen" / ".venv" / "lib" / "python3.13" / "site-packages"
    packages.mkdir(parents=True)
    for name in ("VENV", "ROOT"):
        monkeypatch.setattr(installers, name, packages.parents[2 if name == "VENV" else 3])
    monkeypatch.setattr(installers, "site_packages", lambda: [packages])
    installers.point_to_sources()
    lines = (packages / "course.pth").read_text(encoding="ascii").splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = project["tool"]["hatch"]["build"]["dev-mode-dirs"]  # what the installer names
    assert [(packages / line).resolve() for line in lines] == [tmp_path / "Jürgen" / one for one in folders]


def test_the_programs_of_the_packages_can_be_made_anew_without_the_internet(tmp_path):
    """On Windows they are .exe files that hold the path of their Python: after a move they would call the old one."""
    if importlib.util.find_spec("pip") is None:
        subprocess.run([sys.executable, "-m", "ensurepip"], check=True)
    make = [sys.executable, "-I", "-c", virtual_environment.MAKE_SCRIPTS, tmp_path]
    subprocess.run(make, check=True)
    program = next(path for path in tmp_path.iterdir() if path.stem == "uvicorn")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("Running uvicorn")
    assert program.with_name("jupyter" + program.suffix).exists()


# As setting_up.command begins and ends a command that stays beside us, which is how it is on Windows.
PARENT = """
import signal, sys
from setting_up.environment import call
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(call(sys.executable, "-c", sys.argv[1]))
"""
CHILD = """
import sys, time
try:
    print("at work", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("Stopped.", flush=True)
    time.sleep(0.2)  # it tidies up
    sys.exit(7)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_ctrl_c_ends_a_command_in_its_own_words_and_with_its_own_status():
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD], cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert parent.stdout.readline() == "at work\n"
    os.killpg(parent.pid, signal.SIGINT)  # as a terminal does it: both are told
    assert parent.communicate(timeout=30) == ("Stopped.\n", "")
    assert parent.returncode == 7


def test_without_a_console_a_server_is_killed_instead_of_asked(monkeypatch):
    """A notebook program without a console has none to share: Python then ends the process, and raises SystemError."""

    class Deaf:
        def send_signal(self, number):
            raise SystemError("returned a result with an exception set")

    killed = []
    monkeypatch.setattr(watcher, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(watcher, "signal", SimpleNamespace(CTRL_BREAK_EVENT=1))
    monkeypatch.setattr(watcher, "kill", killed.append)
    server = Deaf()
    watcher.end(server)
    assert killed == [server]


def test_what_a_server_sends_to_its_workers_does_not_end_its_watcher(monkeypatch):
    """Windows sends it to all of a console: so the watcher ignores it, and the console is nobody else's."""
    ignored, server = [], SimpleNamespace(wait=lambda: 0)
    told = {"SIGINT": 2, "SIGBREAK": 21, "SIGTERM": 15, "SIG_IGN": signal.SIG_IGN}
    told["signal"] = lambda number, handler: ignored.append(number) if handler == signal.SIG_IGN else None
    monkeypatch.setattr(watcher, "signal", SimpleNamespace(**told))
    monkeypatch.setattr(watcher, "start", lambda command: server)
    monkeypatch.setattr(watcher, "kill", lambda server: None)
    deaf = SimpleNamespace(Event=threading.Event, Thread=lambda **_: SimpleNamespace(start=lambda: None))
    monkeypatch.setattr(watcher, "threading", deaf)
    monkeypatch.setattr(watcher, "sys", SimpleNamespace(platform="win32"))
    assert watcher.watch([], None) == 0
    assert ignored == [2, 21]


def test_on_windows_a_server_has_a_console_of_its_own_and_its_words_are_printed_here(monkeypatch, capsys):
    """What a server with workers sends to them would end JupyterLab, if they shared a console."""
    flags, start = [], subprocess.Popen

    def popen(*arguments, creationflags, **options):
        flags.append(creationflags)
        return start(*arguments, **options)

    monkeypatch.setattr(child.subprocess, "CREATE_NO_WINDOW", 0x8000000, raising=False)
    monkeypatch.setattr(child.subprocess, "Popen", popen)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        assert child.run([sys.executable, "-c", "print('ice', chr(228), 'head')"], None) == 0
    assert flags == [0x8000000]
    assert capsys.readouterr().out == "ice ä head\n"
    assert not [thread for thread in threading.enumerate() if thread.name == child.PRINTS]


def test_the_console_of_a_server_is_not_taken_for_the_server():
    def one(name, *command):
        return SimpleNamespace(name=lambda: name, cmdline=lambda: list(command))

    console, server = one("conhost.exe", "conhost.exe"), one("python.exe", "python", "-m", "uvicorn")
    below = [console, one("python.exe", "python", str(child.WATCHER)), server]
    assert process.watched_by(SimpleNamespace(children=lambda recursive: below)) == [server]


def test_ctrl_c_comes_on_windows_while_a_program_is_waited_for(monkeypatch):
    """There it comes between two waits only: one without a limit would last until the program ends."""
    limits, wait = [], subprocess.Popen.wait
    monkeypatch.setattr(
        subprocess.Popen, "wait", lambda self, timeout=None: limits.append(timeout) or wait(self, timeout)
    )
    assert child.run([sys.executable, "-c", "pass"], subprocess.DEVNULL) == 0
    assert None not in limits[:-1]  # the last one is for what has ended: Popen's own, at the end of its block


def test_a_reloading_app_hears_ctrl_c_and_is_told_to_end_on_windows(monkeypatch):
    """A group of processes is deaf to Ctrl-C there, and what it starts too, until one of them says otherwise."""
    said, handlers = [], {}
    kernel = SimpleNamespace(SetConsoleCtrlHandler=lambda *arguments: said.append(arguments))
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: kernel, raising=False)
    raised = {"raise_signal": said.append, "SIGBREAK": 21, "SIGTERM": 15, "signal": handlers.__setitem__}
    monkeypatch.setattr(reloader, "signal", SimpleNamespace(**raised))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        reloader.listen()
    handlers[21](21, None)
    assert said == [(None, False), 15]


def test_the_app_of_ray_ends_in_good_order_at_what_windows_says(monkeypatch):
    """That is SIGBREAK; and a wait without a limit hears no signal there."""
    done, handlers = [], {}

    class Event(threading.Event):
        def wait(self, timeout):
            handlers[21](21, None)
            return super().wait(timeout)

    serve = SimpleNamespace(shutdown=lambda: done.append("serve"))
    ray = SimpleNamespace(init=lambda **_: None, shutdown=lambda: done.append("ray"), serve=serve)
    for name, module in {"ray": ray, "ray.serve": serve}.items():
        monkeypatch.setitem(sys.modules, name, module)
    machine = {"new_settings": lambda _: {}, "new_folder": lambda: None, "PROCESSORS": 1, "STORE": 1}
    machine["delete_folders"] = lambda: done.append("folders")
    monkeypatch.setattr(ray_app, "ray_machine", SimpleNamespace(**machine))
    numbers = {"SIGINT": 2, "SIGTERM": 15, "SIGBREAK": 21}
    monkeypatch.setattr(ray_app, "signal", SimpleNamespace(**numbers, signal=handlers.__setitem__))
    monkeypatch.setattr(ray_app, "threading", SimpleNamespace(Event=Event))
    monkeypatch.setattr(ray_app, "deploy", lambda *_, **__: None)
    ray_app.serve_here("ray_00_serve_app", 1)
    assert done == ["serve", "ray", "folders"]


def test_a_server_that_does_not_listen_yet_is_not_asked(tmp_path):
    """An HTTP client would wait for two seconds each time on Windows."""
    asked = []

    class Asked(Server):
        def is_ready(self):
            asked.append(ports.is_taken(self.port))
            return super().is_ready()

    serve = "import http.server as h, sys, time; time.sleep(0.3); \
h.HTTPServer(('127.0.0.1', int(sys.argv[1])), h.SimpleHTTPRequestHandler).serve_forever()"
    port = ports.free_port()
    server = Asked(port, [sys.executable, "-c", serve, str(port)], log=tmp_path / "log")
    try:
        server.wait_until_ready()
        assert asked
        assert all(asked)
    finally:
        server.kill()


def test_other_servers_are_found_where_this_system_puts_programs():
    folder = contestants.TOOLS / "peers" / "mlserver" / ("Scripts" if os.name == "nt" else "bin")
    assert contestants.OTHERS["MLServer adaptive batching"].command(1)[0] == str(folder / "mlserver")
    assert str(folder / "python") in extras.install_commands(folder.parent, [])[1]
    loop = next(name for name in contestants.PACKAGES["mlserver"] if name.startswith("uvloop"))
    assert not Requirement(loop).marker.evaluate({"sys_platform": "win32"})
    assert Requirement(loop).marker.evaluate({"sys_platform": "darwin"})


# What may be skipped where


def skipped(reason):
    """What pytest reports of a test that is skipped for this reason."""
    return SimpleNamespace(skipped=True, longrepr=("test_x.py", 1, f"Skipped: {reason}"), nodeid="test_x.py::test_it")


def test_on_windows_only_what_it_cannot_do_may_be_skipped():
    reasons = re.findall(r'skipif\(os\.name == "nt", reason="([^"]*)"', "".join(each_test()))
    assert len(reasons) > 10
    known = known_skips.KnownSkips("win32")
    for reason in reasons:
        known.pytest_runtest_logreport(skipped(reason))
    assert known.unknown == set()
    for system in ("linux", "darwin"):
        strict = known_skips.KnownSkips(system)
        strict.pytest_runtest_logreport(skipped(reasons[0]))
        assert len(strict.unknown) == 1


# What is skipped without these does not happen on GitHub's machines, because the workflow has called this before.
MADE_BY = {
    r"there is no (Prometheus|Alertmanager|promtool|amtool|Ray) .*": "python course.py setup --all",
    r"(course\.py has not set up this folder|the course is not (installed|set up))": "python course.py setup --all",
    r"what builds the website is not installed: .*": "python course.py book",
    r"(there is no buildah on this machine|only root can build it so)": "",  # of the job for containers
    r"the Prometheus here was built without its pages": "python course.py setup --all",
}


def test_each_reason_to_skip_a_test_is_known_or_is_none_on_githubs_machines():
    told = re.compile(r'(?:\breason=|pytest\.skip\()"([^"{}\[]+)"')
    reasons = {reason for text in each_test() for reason in told.findall(text)}
    assert len(reasons) > 20
    known = known_skips.KnownSkips("win32")  # all that is known anywhere
    before = workflow_commands()
    before = before[: before.index("python course.py test --known-skips")]
    for reason in reasons:
        made_by = [command for form, command in MADE_BY.items() if re.fullmatch(form, reason)]
        assert made_by or known.known.fullmatch(reason), reason
        assert set(made_by) <= {*before, ""}, reason


def workflow_commands():
    """What the job of the workflow that runs all tests calls, in this order."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    return [step.get("run", "") for step in workflow["jobs"]["test"]["steps"]]


def each_test():
    """The text of each file of tests."""
    return [file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py")]


def test_another_reason_to_skip_a_test_fails_the_run():
    known = known_skips.KnownSkips("win32")
    session = SimpleNamespace(exitstatus=pytest.ExitCode.OK)
    known.pytest_runtest_logreport(SimpleNamespace(skipped=False))
    known.pytest_sessionfinish(session)
    assert session.exitstatus == pytest.ExitCode.OK
    known.pytest_runtest_logreport(skipped("there is no Prometheus here"))
    known.pytest_sessionfinish(session)
    assert session.exitstatus == pytest.ExitCode.TESTS_FAILED


def test_the_run_on_githubs_machines_asks_for_that():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["test"]
    assert {"windows-latest", "macos-latest", "ubuntu-latest"} == set(job["strategy"]["matrix"]["os"])
    commands = workflow_commands()
    assert commands.index("python course.py setup --all") < commands.index("python course.py test --known-skips")
