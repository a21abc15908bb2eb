"""However a command ends, it ends in a sentence: Ctrl-C at any moment, a full disk, a folder of somebody else."""

import errno
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import psutil
import pytest
from conftest import BASE_PYTHON, ROOT
from waiting import until

from classroom.commands import _ending, doctor
from classroom.servers import child, disk, ports, process

READY = (ROOT / ".venv" / "course-is-ready").exists()
on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
needs_setup = pytest.mark.skipif(not READY, reason="course.py has not set up this folder")


def ctrl_c(command):
    """Do as a terminal does: all processes of the group get SIGINT. What the command has said, and how long it took."""
    os.killpg(command.pid, signal.SIGINT)
    said = command.communicate(timeout=120)[0]
    assert "Traceback" not in said
    assert "KeyboardInterrupt" not in said
    return said


def read_until(command, words):
    """Read what a command prints until these words come."""
    for line in command.stdout:
        if words in line:
            return
    raise AssertionError(f"{words} was not printed")


@on_posix
@needs_setup
@pytest.mark.parametrize(
    ("arguments", "moment"),
    [
        (["monitor", "--no-grafana"], "its Python starts"),
        (["app", "fastapi_05_batch_test_app"], "its Python starts"),
        (["demo", "--no-browser"], "its Python starts"),
        (["demo", "--no-browser"], "it has started something"),
        (["app", "fastapi_05_batch_test_app"], "Starting fastapi_05"),
        (["app", "fastapi_05_batch_test_app"], "Waiting for application startup"),
        (["app", "fastapi_05_batch_test_app", "--reload"], "Started reloader process"),
        (["app", "fastapi_05_batch_test_app", "--workers", "2"], "Started parent process"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else value,
)
def test_ctrl_c_while_it_starts_ends_it_at_once(course, champion, arguments, moment):
    free = [str(ports.free_port()) for _ in range(3)]
    settings = dict(zip(["COURSE_PORT", "COURSE_PROMETHEUS_PORT", "COURSE_GRAFANA_PORT"], free, strict=True))
    command = course(*arguments, **settings)
    running = psutil.Process(command.pid)
    if moment == "its Python starts":
        until(lambda: any("classroom" in part for part in running.cmdline()))
    elif moment == "it has started something":
        until(running.children)
    else:
        read_until(command, moment)
    children = running.children(recursive=True)
    assert ctrl_c(command).rstrip().endswith(("Stopped.", "stopped."))
    until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))
    assert not any(ports.is_taken(int(port)) for port in free)


BEFORE_UVICORN_LISTENS = """
import os, signal, sys
from classroom.commands import _ending, app

class Server(app.ImpatientServer):
    async def serve(self, sockets=None):
        os.kill(os.getpid(), signal.SIGINT)
        await super().serve(sockets)

app.ImpatientServer = Server
sys.argv[1:] = ["fastapi_01_test_app"]
_ending.run(app.app)
"""


@on_posix
def test_ctrl_c_just_before_uvicorn_listens_to_it_ends_in_one_word():
    command, free = [sys.executable, "-c", BEFORE_UVICORN_LISTENS], str(ports.free_port())
    done = subprocess.run(command, env=os.environ | {"COURSE_PORT": free}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "\nStopped.\n")


@on_posix
def test_ctrl_c_just_when_a_program_starts_ends_the_program_too(monkeypatch):
    """Between the start of a process and the moment when Python has noted it, there is time for a Ctrl-C."""
    half_started = []
    start = subprocess.Popen._execute_child

    def start_interrupted(self, *arguments):
        start(self, *arguments)
        half_started.append(psutil.Process(self.pid))
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "_execute_child", start_interrupted)
    with pytest.raises(KeyboardInterrupt):
        child.run(["sleep", "60"], output=None)
    (watcher,) = half_started
    until(lambda: not watcher.is_running() or watcher.status() == psutil.STATUS_ZOMBIE)


@on_posix
@needs_setup
def test_ctrl_c_while_it_trains_ends_the_training_too(course, tmp_path):
    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path.as_posix()}/mlflow.db"}
    command = course("app", "fastapi_05_batch_test_app", "--port", str(ports.free_port()), **store)
    read_until(command, "There is no trained model yet")
    read_until(command, "training columns")
    _watcher, training = until(lambda: psutil.Process(command.pid).children(recursive=True))
    assert ctrl_c(command).endswith("\nStopped.\n")
    until(lambda: not training.is_running() or training.status() == psutil.STATUS_ZOMBIE)


def told(command, **options):
    """What a command that is run says at its end."""
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(process, "started", {})  # it stops all that it has started, and no broker of another test
            with pytest.raises(SystemExit) as end:
                _ending.run(command, **options)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    return end.value.code


def raises(error):
    raise error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space", "/x/log"), "The disk is full: /x/log was not written. Make room."),
        (OSError(errno.EDQUOT, "Quota"), "The disk is full. Make room."),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), disk.NOT_YOURS.format("/x")),
        (OSError(errno.EROFS, "Read-only file system", "/x"), disk.NOT_YOURS.format("/x")),
        (PermissionError(errno.EACCES, "Permission denied", __file__), disk.NOT_READABLE.format(__file__)),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x"), "This did not work: [Errno 2] No such file: '/x'."),
    ],
)
def test_what_the_disk_refuses_is_one_sentence(monkeypatch, error, sentence):
    monkeypatch.setattr(_ending, "not_writable", lambda: None)
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.R_OK)  # of the files that are there
    assert told(lambda: raises(error)) == sentence


@on_posix
@needs_setup
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        ("app >&-", 0, ""),
        ("app <&- >&- 2>&-", 0, ""),
        ("--help >&-", 0, ""),
        ("progress --json nowhere >&-", 1, "There is no file or folder"),
        ("doctor >/dev/full", 1, "The disk is full. Make room."),
        ("app >/dev/full", 1, "The disk is full. Make room."),
        ("doctor | (exec <&-; sleep 1)", None, ""),
    ],
)
def test_an_output_that_is_closed_or_full_is_no_fault_of_the_course(call, status, said, unbuffered):
    if "/dev/full" in call and not Path("/dev/full").exists():
        pytest.skip("only Linux has a disk that is always full")
    command = f'"{BASE_PYTHON}" course.py {call}'
    env = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert status in (None, done.returncode)
    assert len(done.stderr.splitlines()) == bool(said)
    assert said in done.stderr
    assert done.stdout == ""


class Source(io.StringIO):
    """A file; in the middle of its reading, Ctrl-C is pressed."""

    def read(self, size=-1):
        os.kill(os.getpid(), signal.SIGINT)
        return super().read(size)


@on_posix
def test_ctrl_c_that_a_library_turns_into_an_error_of_its_own_is_still_ctrl_c(monkeypatch):
    monkeypatch.setattr(_ending, "not_writable", lambda: None)
    assert told(lambda: pd.read_csv(Source("a,b"))) == "\nStopped."
    with pytest.raises(pd.errors.EmptyDataError):  # without Ctrl-C, an error stays what it is
        told(lambda: pd.read_csv(io.StringIO("")))


def test_one_press_that_comes_twice_breaks_off_nothing_that_tidies_up(monkeypatch):
    """`timeout -s INT` sends it to the command, and to the group that the command is in."""
    monkeypatch.setattr(_ending, "not_writable", lambda: None)
    tidied = []

    def command():
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            tidied.append("the command's own")

    def stop_all():
        signal.raise_signal(signal.SIGINT)
        tidied.append("the servers")

    monkeypatch.setattr(process, "stop_all", stop_all)
    monkeypatch.setattr(os, "_exit", lambda _: pytest.fail("it has ended at once"))
    assert told(command) == "\nStopped."
    assert tidied == ["the command's own", "the servers"]


def test_who_presses_once_more_does_not_wait(monkeypatch):
    monkeypatch.setattr(_ending, "not_writable", lambda: None)
    monkeypatch.setattr(process, "stop_all", lambda: signal.raise_signal(signal.SIGINT))
    monkeypatch.setattr(os, "_exit", raises)
    monkeypatch.setattr("titanic.ctrl_c.MOMENT", 0)
    with pytest.raises(TypeError):  # by `raise 1`
        told(lambda: signal.raise_signal(signal.SIGINT))


def test_in_a_folder_of_somebody_else_no_command_but_doctor_runs(monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    assert told(lambda: raises(AssertionError("it was run"))) == disk.NOT_YOURS.format(ROOT)
    assert told(lambda: None, writes=False) == 0
    assert doctor.folder_line()[1:] == ("not yours", disk.NOT_YOURS.format(ROOT).rstrip("."), True)


def test_a_log_that_cannot_be_written_is_a_sentence_in_a_notebook_too(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(process.Problem, match=r"^This did not work: "):
        process.opened(Path(tmp_path / "file" / "app.log"))
