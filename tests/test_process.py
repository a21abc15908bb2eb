"""A server of the course as a child process: it answers, it ends with us, nothing of it is left, and whose it is."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import psutil
import pytest
from conftest import ROOT
from waiting import until

from classroom import start_app
from classroom.commands import doctor
from classroom.other_store import new_database
from classroom.servers import holder, ports, temporary
from classroom.servers.alertmanager_server import AlertmanagerServer
from classroom.servers.child import WATCHER, environment
from classroom.servers.grafana_server import GrafanaServer
from classroom.servers.process import Server, end_left_over, make_room, started
from classroom.servers.prometheus_server import PrometheusServer
from titanic.problem import Problem

# A server that has a worker: the first line that it writes is the worker's process id.
SERVE = """
import http.server, subprocess, sys
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(worker.pid, flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
DEAF = "import signal; signal.signal(getattr(signal, 'SIGBREAK', signal.SIGTERM), signal.SIG_IGN)\n"


@pytest.fixture
def start(tmp_path):
    """start(code) runs this code as a server on a free port; what is left of it is killed."""
    servers = []

    def start(code=SERVE, **options):
        port = ports.free_port()
        servers.append(Server(port, [sys.executable, "-c", code, str(port)], log=tmp_path / "log", **options))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


def worker_of(server):
    return int(server.log.read_text().split("\n")[0])


def test_what_steers_every_python_and_uvicorn_of_this_machine_steers_no_server(monkeypatch):
    names = {"PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONIOENCODING", "PYTHONPATH", "UVICORN_HOST", "WEB_CONCURRENCY"}
    names |= {"PYTHON_CPU_COUNT", "PYTHON_LAZY_IMPORTS", "GF_SECURITY_ADMIN_USER"}
    for name in names:
        monkeypatch.setenv(name, "1")
    assert not names & environment().keys()


def test_a_stopped_server_leaves_no_worker_no_port_and_no_folder(start, tmp_path, capsys):
    folder = tmp_path / "data"
    folder.mkdir()
    server = start(then_delete=folder)
    server.wait_until_ready()
    worker = worker_of(server)
    assert psutil.pid_exists(worker)
    assert started[server.port] is server
    server.stop()
    assert capsys.readouterr().out == "The server is stopped.\n"
    assert not server.is_running()
    assert not ports.is_taken(server.port)
    assert server.port not in started
    assert not folder.exists()
    until(lambda: gone(worker))


def gone(pid):
    """True if this process has ended; where nobody asks for its exit status, it stays in the list as a zombie."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_killed_server_ends_at_once_with_its_workers_and_tidies_nothing(start, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    server = start(DEAF + SERVE, then_delete=folder)
    server.wait_until_ready()
    worker = worker_of(server)
    server.kill()
    assert not ports.is_taken(server.port)
    assert folder.exists()
    until(lambda: gone(worker))


def test_an_interrupted_start_leaves_no_folder(start, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    server = start("import time; time.sleep(600)", then_delete=folder)
    monkeypatch.setattr(server, "ends_within", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        server.wait_until_ready()
    assert not server.is_running()
    assert not folder.exists()


def test_each_temporary_folder_says_whose_it_is():
    """Else nobody deletes that of a process which was killed."""
    mine = [temporary.temporary_folder(), temporary.folder_to_delete("prometheus")]
    names = [Path(mine[0].name).name, mine[1].name]
    mine[1].rmdir()
    assert [name.split("-")[1] for name in names] == [str(os.getpid())] * 2


def test_temporary_folders_are_made_in_one_place():
    files = [*(ROOT / "notebooks").rglob("*.py"), *(ROOT / "notebooks").rglob("*.ipynb")]
    assert len(files) > 100
    own = Path(temporary.__file__)
    lines = [line for file in files if file != own for line in file.read_text(encoding="utf-8").splitlines()]
    made = [line.strip() for line in lines if "mkdtemp(" in line or "TemporaryDirectory(" in line]
    assert [line for line in made if "dir=" not in line] == []  # with dir=, it is in a folder of the course


def test_one_that_ends_instead_of_answering_says_its_last_line_at_once(start):
    server = start("import sys; print('one'); print('no such luck'); sys.exit(3)")
    with pytest.raises(Problem, match=r"^The server did not start: no such luck \(all of it is in "):
        server.wait_until_ready(600)
    assert server.watcher.returncode == 3


def test_one_that_comes_too_late_is_not_ready_because_somebody_else_answers(start):
    first = start()
    first.wait_until_ready()
    second = Server(first.port, [sys.executable, "-c", SERVE, str(first.port)], log=first.log.with_name("second"))
    with pytest.raises(
        Problem, match=rf"^The server did not start: .*\(process \d+\) took port {first.port} before it\."
    ):
        second.wait_until_ready()
    assert first.is_ready()


def told_in_this_order(monkeypatch, reverse, stranger):
    """The system tells in no order who listens: now by the address, or the other way round."""
    tell = psutil.net_connections

    def told(kind):
        return sorted([*tell(kind), stranger], key=lambda one: str(one.laddr), reverse=reverse)

    monkeypatch.setattr(psutil, "net_connections", told)


def told_process_by_process(monkeypatch, reverse, stranger):
    """macOS tells of each process alone."""
    pids = sorted([os.getpid(), *(one.pid for one in psutil.Process().children(recursive=True))], reverse=reverse)
    monkeypatch.setattr(psutil, "net_connections", Mock(side_effect=psutil.AccessDenied()))
    monkeypatch.setattr(psutil, "process_iter", lambda: [psutil.Process(pid) for pid in pids])
    of = holder.connections_of
    monkeypatch.setattr(holder, "connections_of", lambda one: [stranger] if one.pid == os.getpid() else of(one))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("tell", [told_in_this_order, told_process_by_process])
def test_who_listens_at_the_other_kind_of_addresses_is_not_who_answers(start, monkeypatch, tell, reverse):
    server = start()
    server.wait_until_ready()
    # This process listens at :: and for that kind of addresses only; nobody but the server listens at 127.0.0.1.
    at = SimpleNamespace(ip="::", port=server.port)
    tell(monkeypatch, reverse, SimpleNamespace(laddr=at, status=psutil.CONN_LISTEN, pid=os.getpid()))
    assert server.has_its_port()
    assert f"(process {os.getpid()})" not in holder.holder(server.port)


def test_one_that_never_answers_is_stopped(start):
    server = start("import time; print('I think', flush=True); time.sleep(600)")
    until(lambda: server.log.read_text())
    with pytest.raises(Problem, match=r"^The server was not ready within 0 seconds: I think"):
        server.wait_until_ready(0.1)
    assert not server.is_running()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_why_one_was_not_ready_is_not_that_it_was_stopped(start):
    code = "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit('I shut down'))\n"
    server = start(code + "print('I wait for the disk', flush=True)\ntime.sleep(600)")
    until(lambda: server.log.read_text())
    with pytest.raises(Problem, match="within 0 seconds: I wait for the disk"):
        server.wait_until_ready(0.1)
    assert "I shut down" in server.log.read_text()


def test_one_that_does_not_end_when_it_is_asked_to_is_killed(tmp_path):
    ready = tmp_path / "ready"
    code = DEAF + f"import pathlib, time; pathlib.Path({str(ready)!r}).touch(); time.sleep(600)"
    run = f"import sys; from classroom.servers import watcher; watcher.GRACE = 0.2; \
sys.exit(watcher.watch([sys.executable, '-c', {code!r}], None))"
    process = subprocess.Popen([sys.executable, "-c", run], stdin=subprocess.PIPE)
    try:
        until(ready.exists)
        process.stdin.close()
        assert process.wait(timeout=120) != 0
    finally:
        process.kill()


def test_a_watcher_of_which_nothing_is_known_any_more_is_not_waited_for_for_ever(start, monkeypatch):
    """A signal at a bad moment has left Popen's lock locked: to Popen, the process then runs for ever."""
    server, limits = start("import time; time.sleep(600)"), []

    def wait(timeout=None):
        limits.append(timeout)
        raise subprocess.TimeoutExpired("watcher", timeout)

    with monkeypatch.context() as patch:
        patch.setattr(server.watcher, "wait", wait)
        server.stop()
    assert limits
    assert None not in limits
    assert server.watcher.wait(timeout=120) is not None


@pytest.fixture
def other():
    """other(watcher, port) is a replaceable server, on paper, that another notebook has started by this watcher."""
    processes = []

    def start(watcher, port):
        marks = ["-I", "-S", str(watcher), "--replaceable", str(port), "an_app"]
        sleep = ["--watch", sys.executable, "-c", "import time; time.sleep(600)"]
        processes.append(subprocess.Popen([sys.executable, *marks, *sleep], stdin=subprocess.PIPE))
        until(lambda: psutil.Process(processes[-1].pid).children())
        return processes[-1]

    yield start
    for process in processes:
        process.stdin.close()
        process.wait(timeout=120)


def test_what_another_notebook_left_on_this_port_is_ended(other, capsys):
    process = other(WATCHER, 4711)
    end_left_over(4711)
    assert process.wait(timeout=120) is not None
    assert capsys.readouterr().out == "Stopping an_app, which another notebook started.\n"


def test_another_port_another_folder_of_the_course_and_another_user_are_left_alone(
    other, tmp_path, monkeypatch, capsys
):
    shutil.copy(WATCHER, tmp_path)
    processes = [other(WATCHER, 4712), other(tmp_path / WATCHER.name, 4711)]
    end_left_over(4711)
    processes.append(other(WATCHER, 4711))
    monkeypatch.setattr(psutil.Process, "username", lambda self: "me" if self.pid == os.getpid() else "somebody else")
    end_left_over(4711)
    assert [process.poll() for process in processes] == [None] * 3
    assert capsys.readouterr().out == ""


def test_what_another_user_hides_is_no_error(monkeypatch):
    def hidden(self):
        raise psutil.AccessDenied(self.pid)

    monkeypatch.setattr(psutil.Process, "cmdline", hidden)
    end_left_over(4711)


def test_the_watcher_and_what_start_app_imports_need_the_standard_library_only():
    """`course.py doctor` speaks before anything is installed."""
    code = "import classroom, classroom.servers.process, classroom.servers.watcher"
    paths = os.pathsep.join(str(Path(__file__).resolve().parents[1] / name) for name in ("apps", "notebooks"))
    subprocess.run([sys.executable, "-S", "-c", code], env=os.environ | {"PYTHONPATH": paths}, check=True)


def test_the_store_of_a_killed_kernel_is_deleted_when_the_next_one_is_made(tmp_path, monkeypatch, notebook):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code = "import time; from classroom.other_store import new_database\n"
    killed, alive = (notebook(code + "print(new_database()); time.sleep(600)") for _ in range(2))
    left, used = (Path(one.stdout.readline().strip()).parent for one in (killed, alive))
    (left / "mlflow.db").touch()
    others = tmp_path / "unsinkable-of-somebody-else"
    others.mkdir()
    killed.kill()
    killed.wait()
    assert left.is_dir()
    new = new_database().parent
    assert sorted(tmp_path.iterdir()) == sorted([used, others, new])


def test_a_free_port_is_given_once():
    assert len({ports.free_port() for _ in range(200)}) == 200


def test_a_free_port_is_none_that_a_setting_names(monkeypatch):
    named = ports.free_port()
    ports.given.remove(named)
    monkeypatch.setenv("COURSE_ALERT_PORT", str(named))
    with monkeypatch.context() as patch:  # the machine offers that port first, then another one
        offers = iter([named, named + 1])
        patch.setattr(ports.socket, "socket", lambda: Offer(next(offers)))
        assert ports.free_port() == named + 1


def test_a_port_that_the_system_keeps_for_itself_is_told_with_the_way_out(monkeypatch):
    """As Windows does for its virtual machines, and each other system below 1024."""
    port, kept = ports.free_port(), Mock(side_effect=PermissionError(13, "not permitted"))
    monkeypatch.setattr(ports.socket.socket, "bind", kept)
    for call, way_out in (
        (lambda: start_app("fastapi_01_test_app", port=port), f"port={port + 1}), or set COURSE_PORT for all lessons."),
        (lambda: make_room(port, "COURSE_GRAFANA_PORT"), "Choose another port: set COURSE_GRAFANA_PORT."),
    ):
        with pytest.raises(Problem, match=rf"^The system keeps port {port} for itself\.") as problem:
            call()
        assert str(problem.value).endswith(way_out)
    monkeypatch.setenv("COURSE_PORT", str(port))
    assert doctor.port_line("the apps")[1:3] == ("kept by the system", "set COURSE_PORT")
    assert doctor.port_line("JupyterLab")[2] == "python course.py lab --port N"


def test_the_port_that_is_proposed_is_one_that_a_program_may_have():
    assert [ports.instead_of(port) for port in (80, 8000, 65534, 65535)] == [8001, 8001, 65535, 8001]


def test_a_port_is_free_again_while_old_connections_to_it_end():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        server.accept()[0].close()  # who closes first waits for what may still come
        client.close()
    ports.must_be_free(port, "--port N")


class Offer:
    """A socket that gets this port."""

    def __init__(self, port):
        self.port = port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def bind(self, _):
        pass

    def getsockname(self):
        return "127.0.0.1", self.port


@pytest.mark.parametrize("kind", [PrometheusServer, AlertmanagerServer, GrafanaServer])
def test_of_two_servers_each_has_a_log_of_its_own(kind):
    servers = [kind(ports.free_port(), [sys.executable, "-c", f"print({number})"]) for number in (1, 2)]
    for number, server in enumerate(servers, start=1):
        with pytest.raises(Problem, match=rf"did not start: {number} \(all of it is in logs"):
            server.wait_until_ready()
        server.log.unlink()
