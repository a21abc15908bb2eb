"""What the notebooks import: apps that start, answer and are gone afterwards; sources; checks."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import psutil
import pytest
from answering import always_answering
from waiting import read_until, somebody_else

from classroom import other_store, start_app
from classroom.servers import ports
from classroom.servers.app import own_api, start_own_app
from classroom.servers.holder import script_of
from classroom.servers.process import started
from classroom.servers.scripts import read
from classroom.source import cut
from titanic.problem import Problem

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def port():
    """A free port; whatever this test starts on it is stopped."""
    port = ports.free_port()
    yield port
    if port in started:
        started[port].stop()


def get(port, path="/"):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return json.load(answer)


def test_an_app_starts_answers_and_stops(port, capsys):
    app = start_app("fastapi_01_test_app", port=port)
    assert get(port) == {"message": "Hello, FastAPI is working!"}
    app.stop()
    assert not ports.is_taken(port)
    assert "is stopped" in capsys.readouterr().out


def test_a_cell_that_runs_twice_starts_the_app_anew(port):
    start_app("fastapi_01_test_app", port=port)
    start_app("fastapi_02_roles_app", port=port)
    assert get(port, "/public") == {"message": "This endpoint is open to all users."}


def test_an_app_with_two_workers_is_ready_when_both_are(port):
    app = start_app("fastapi_01_test_app", port=port, workers=2)
    assert app.ready_workers() == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os._exit(1)", "sys.exit()"])
def test_an_app_ends_with_its_notebook_however_that_ends(port, notebook, end):
    code = f"import os, sys; from classroom import start_app; start_app('fastapi_01_test_app', port={port}); {end}"
    notebook(code).wait()
    assert ports.wait_until_free(port, seconds=60)


@pytest.mark.skipif(os.name == "nt", reason="on Windows, Interrupt is not a signal")
def test_the_interrupt_button_leaves_the_app_running(port, notebook):
    code = "import time; from classroom import start_app\n"
    code += f"try: start_app('fastapi_01_test_app', port={port}), time.sleep(60)\n"
    process = notebook(code + "except KeyboardInterrupt: print('interrupted')\ntime.sleep(60)")
    read_until(process, "running")
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    assert get(port) == {"message": "Hello, FastAPI is working!"}


def test_the_app_of_another_open_notebook_is_replaced(port, notebook, capsys):
    other = notebook(
        f"import time; from classroom import start_app; start_app('fastapi_01_test_app', port={port}); time.sleep(60)"
    )
    read_until(other, "running")
    start_app("fastapi_02_roles_app", port=port)
    assert "Stopping fastapi_01_test_app, which another notebook started." in capsys.readouterr().out
    assert get(port, "/public")


def test_the_app_of_a_command_is_not_replaced(port, notebook, monkeypatch):
    code = f"import os, time; os.environ['COURSE_PORT'] = '{port}'; from classroom.servers.app import start_own_app\n"
    other = notebook(code + "start_own_app('fastapi_01_test_app'); time.sleep(60)")
    read_until(other, "running")
    with pytest.raises(Problem, match=rf"^Port {port} is taken by .* with fastapi_01_test_app\.py of the folder"):
        start_app("fastapi_02_roles_app", port=port)
    assert get(port) == {"message": "Hello, FastAPI is working!"}


def test_an_app_that_runs_in_a_terminal_is_used_and_left_running(port, capsys):
    with somebody_else(port, "uvicorn", "fastapi_01_test_app:app", "--port", str(port)):
        app = start_app("fastapi_01_test_app", port=port)
        assert "This lesson uses that one" in capsys.readouterr().out
        app.stop()
        assert get(port)
        with pytest.raises(Problem, match=f"Port {port} is taken by"):
            start_app("fastapi_02_roles_app", port=port)
        with pytest.raises(Problem, match=f"Port {port} is taken by"):  # these settings could not reach it
            start_app("fastapi_01_test_app", port=port, settings={"A_SETTING": "of the lesson"})


@pytest.mark.parametrize("how", ["uvicorn", "app"])
def test_an_app_behind_the_proxy_of_a_jupyterhub_is_used_too(port, capsys, how):
    command = {
        "uvicorn": ["uvicorn", "fastapi_01_test_app:app"],
        "app": ["classroom.commands.app", "fastapi_01_test_app"],
    }
    proxied = f"/user/ann/proxy/{port}"
    with somebody_else(port, *command[how], "--port", str(port), "--root-path", proxied):
        assert get(port, "/openapi.json")["servers"] == [{"url": proxied}]
        start_app("fastapi_01_test_app", port=port)
        assert "This lesson uses that one" in capsys.readouterr().out


PIZZA = "from fastapi import FastAPI\napp = FastAPI(title='Pizza')\n"


@pytest.mark.parametrize(
    ("app", "how", "told"),
    [
        ("fastapi_01_test_app", "copy", r"fastapi_01_test_app\.py of the folder .*copy. If"),  # word for word our own
        ("pizza", ".", r'pizza\.py of the folder .*, which calls itself "Pizza". If'),
    ],
)
def test_an_app_of_another_folder_is_not_taken_for_our_own(port, tmp_path, monkeypatch, app, how, told):
    (tmp_path / "copy").mkdir()
    shutil.copy(ROOT / "apps" / "fastapi_01_test_app.py", tmp_path / "copy")
    (tmp_path / "pizza.py").write_text(PIZZA, encoding="utf-8")
    with somebody_else(port, "uvicorn", f"{app}:app", "--port", str(port), "--app-dir", how, folder=tmp_path):
        with pytest.raises(Problem, match=rf"^Port {port} is taken by .* \(process \d+\) with {told}"):
            start_app("fastapi_01_test_app", port=port)
        monkeypatch.setenv("COURSE_PORT", str(port))
        with pytest.raises(Problem, match="set COURSE_PORT") as problem:  # what a demo is told, in a terminal
            start_own_app("fastapi_01_test_app")
        assert "start_app" not in str(problem.value)


def test_what_stands_above_an_app_may_be_closed_to_us():
    """So it is for an app that runs on without its terminal: above it is the first process of the machine."""
    closed = SimpleNamespace(cmdline=Mock(side_effect=psutil.AccessDenied), environ=dict, cwd=lambda: "/")
    uvicorn = SimpleNamespace(
        cmdline=lambda: ["python", "-m", "uvicorn", "elsewhere:app"],
        environ=dict,
        cwd=lambda: "/",
        parents=lambda: [closed],
    )
    assert script_of(uvicorn) is None
    closed.parents, closed.cmdline = (
        list,
        Mock(return_value=["python", "-m", "classroom.commands._start", "app", "fastapi_01_test_app"]),
    )
    closed.cwd = lambda: str(ROOT)
    assert script_of(uvicorn) == ROOT / "apps" / "fastapi_01_test_app.py"


def test_a_port_taken_by_something_else_is_said_in_one_sentence(port):
    with somebody_else(port, "http.server", str(port), "--bind", "127.0.0.1"):
        with pytest.raises(Problem, match=f"start_app\\(.*port={port + 1}\\), or set COURSE_PORT for all") as problem:
            start_app("fastapi_01_test_app", port=port)
        assert problem.value._render_traceback_() == [str(problem.value)]


@pytest.mark.parametrize("said", [b"[]", b"1", b"{}", b'{"info": []}'])
def test_a_port_taken_by_something_else_that_answers_in_json_is_said_in_one_sentence(said):
    with always_answering(said) as server, pytest.raises(Problem, match=f"^Port {server.port} is taken by "):
        start_app("fastapi_01_test_app", port=server.port)


def test_an_app_that_dies_at_the_start_says_why(port):
    with pytest.raises(Problem, match="mlflow_00_train_model did not start: "):
        start_app("mlflow_00_train_model", port=port)
    assert not ports.is_taken(port)


@pytest.mark.parametrize(("said", "told"), [(b"", "it says nothing"), (b"one\n\xfftwo \n", "\ufffdtwo")])
def test_what_a_killed_process_has_said_last_may_be_nothing(monkeypatch, said, told):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=-9, stderr=said))
    with pytest.raises(Problem, match=rf"^fastapi_01_test_app\.py has a fault: {told}$"):
        own_api("fastapi_01_test_app")
    with pytest.raises(Problem, match=rf"^The store with a doll could not be made: {told}$"):
        other_store.store_made_by("classroom.half_model", "a doll")


def test_an_unknown_app_is_told_the_nearest_name():
    with pytest.raises(Problem, match=r"no script fastapi_03_helth_app.py .* Do you mean fastapi_03_health_app"):
        start_app("fastapi_03_helth_app")


def test_show_cuts_what_is_named_with_its_decorators():
    source = read("fastapi_04_02_single_app")
    assert cut(source, "root", "x").startswith('@app.get("/")\ndef root()')
    assert cut(source, "app", "x").startswith("app = FastAPI(")
    assert cut(read("titanic/json_lines"), "Appender.close", "x").startswith("def close(self) -> None:\n    ")
    for missing in ("nothing", "root.nothing", "nothing.root"):
        with pytest.raises(Problem, match=rf"x\.py defines no {missing}"):
            cut(source, missing, "x")


def shown_in_a_terminal(call, folder):
    """The lines that IPython prints for this call, in a terminal; folder: for its settings."""
    command = [sys.executable, "-m", "IPython", "--colors=nocolor", "-c", f"from classroom import *; {call}"]
    env = os.environ | {"IPYTHONDIR": str(folder)}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.splitlines()


def test_show_and_show_changes_print_plain_text_where_there_is_no_page(tmp_path):
    lines = shown_in_a_terminal('show("fastapi_03_health_app", "HealthResponse")', tmp_path)
    assert lines == cut(read("fastapi_03_health_app"), "HealthResponse", "x").splitlines()
    lines = shown_in_a_terminal('show_changes("fastapi_04_single_app", "fastapi_04_02_single_app")', tmp_path)
    assert lines[:2] == ["--- fastapi_04_single_app.py", "+++ fastapi_04_02_single_app.py"]
    for sign, name in ("-", "fastapi_04_single_app"), ("+", "fastapi_04_02_single_app"):
        changed = [line[1:] for line in lines[2:] if line.startswith(sign)]
        assert len(changed) > 5
        assert set(changed) <= set(read(name).splitlines())


@pytest.mark.parametrize(("options", "variables"), [(["-O"], {}), ([], {"PYTHONOPTIMIZE": "1"})])
def test_a_check_that_python_leaves_out_is_not_well_done(options, variables):
    """As in a kernel that course.py has not started; what it starts has no such variable: see test_setup.py."""
    code = "from classroom import check\nport = 3\ncheck('00.1')"
    command = [sys.executable, *options, "-c", code]
    said = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=True).stdout
    assert said.startswith("Not yet, because this Python leaves out every `assert`")
    assert len(said.splitlines()) == 1
