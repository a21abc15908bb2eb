"""The commands of course.py, used as a learner uses them: `app`, `lab`, `doctor`."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import get_args

import pytest
import requests
from conftest import BASE_PYTHON, ROOT
from waiting import until

import alerting.settings
import collector.settings
import titanic.settings
from classroom import preview, start_app
from classroom.commands import _paths, _prepare, app, bench, demo, doctor, monitor, refresh, test, traffic
from classroom.commands.app import AppInTerminal
from classroom.servers import alertmanager_release, grafana_release, launcher, ports, prometheus_release, scripts
from classroom.servers.grafana_release import Grafana
from titanic.passenger import EXAMPLES
from titanic.problem import Problem

READY = (ROOT / ".venv" / "course-is-ready").exists()

START_ONE = "Start one first: python course.py app scouter_00_queue_app"
pytestmark = pytest.mark.skipif(not READY, reason="course.py has not set up this folder")


def run(*arguments, **options):
    command = [BASE_PYTHON, "course.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)


def wait_for(url, seconds=120):
    """The answer at this address, as soon as there is one."""
    answers = []

    def has_answered():
        with suppress(requests.ConnectionError):
            answers.append(requests.get(url, timeout=30))
        return answers

    return until(has_answered, seconds, lambda: f"nothing answers at {url}")[0]


def stop(process, port):
    """Stop as Ctrl-C does, and see that nothing is left."""
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert not ports.is_taken(port)


def test_app_trains_the_model_first_and_answers_the_seeds_two_requests(course, tmp_path):
    port = ports.free_port()
    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path.as_posix()}/mlflow.db"}
    process = course("app", "fastapi_05_batch_test_app", "--port", str(port), **store)
    url = f"http://127.0.0.1:{port}"
    assert wait_for(f"{url}/health").status_code == 200
    assert requests.post(f"{url}/predict_single", json=EXAMPLES[0]).json()["prediction"] == 1
    rows = requests.post(f"{url}/predict_batch", json=EXAMPLES).json()["batch_predictions"]
    assert [row["prediction"] for row in rows] == [1, 0, 1]

    traffic = course("traffic", "shift", "--port", str(port))
    said = until(lambda: next((line for line in traffic.stdout if "status codes" in line), None))
    assert re.search(r"status codes: \d+ times 200$", said)
    traffic.send_signal(signal.SIGINT)
    assert traffic.communicate(timeout=120)[0].endswith("\nStopped.\n")
    stop(process, port)
    told = run("traffic", "--port", str(port))
    assert (told.stdout, told.stderr) == ("", f"No app answers on port {port}. {START_ONE}\n")
    assert told.returncode == 1


def test_the_profiles_are_registered_with_the_collector_that_has_a_port_of_its_own(course, tmp_path):
    port = int(os.environ["COURSE_COLLECTOR_PORT"])  # set by conftest.py; without it, 8090
    process = course("app", "scouter_01_collector_app")
    assert wait_for(f"http://127.0.0.1:{port}/scouter/healthcheck").json() == {"alive": True}
    own = {"SCOUTER_SERVER_URI": f"http://127.0.0.1:{port}", "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/mlflow.db"}
    told = run("profile", env=os.environ | own)
    assert told.stdout == f"Two profiles of 1043 passengers are registered with http://127.0.0.1:{port}.\n"
    assert sorted(path.name for path in (tmp_path / "drift").iterdir()) == ["custom.json", "psi.json"]
    stop(process, port)
    told = run("profile", env=os.environ | own)
    assert "Scouter's server does not answer." in told.stderr
    assert told.returncode == 1


def test_app_starts_again_when_its_script_is_saved(course):
    port = ports.free_port()
    process = course("app", "fastapi_01_test_app.py", "--port", str(port), "--reload")
    url = f"http://127.0.0.1:{port}"
    assert wait_for(f"{url}/").json() == {"message": "Hello, FastAPI is working!"}
    requests.post(f"{url}/guests", params={"name": "Ada"})
    os.utime(ROOT / "apps" / "fastapi_01_test_app.py")
    until(lambda: wait_for(f"{url}/guests").json() == [])
    stop(process, port)


GOOD = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef root(): return {version}\n"
WRONG = {  # what is saved, and what is said of it
    "app = = 1\n": "sailing.py, line 1: SyntaxError: invalid syntax.",
    # one that loads, and does not start
    "from fastapi import FastAPI\nasync def lifespan(app):\n  raise ValueError('no steam')\n  yield\n"
    "import contextlib\napp = FastAPI(lifespan=contextlib.asynccontextmanager(lifespan))\n": "ValueError: no steam.",
}


def test_a_reloading_app_tells_each_fault_in_a_sentence_until_it_is_mended(tmp_path, monkeypatch):
    """What `course.py app --reload` runs, for a script of this test, which nobody else imports."""
    monkeypatch.setattr(AppInTerminal, "in_terminal", False)  # its words are to be read here
    script = tmp_path / "sailing.py"

    def save(version):
        # Each time longer: a file of the same second and length is not read anew.
        script.write_text(GOOD.format(version=10**version))
        return str(10**version)

    save(0)
    settings = {"COURSE_RELOAD": "1", "PYTHONPATH": str(tmp_path)}
    app = AppInTerminal("sailing", ports.free_port(), 1, settings, "--reload", "--reload-dir", str(tmp_path))
    try:
        app.wait_until_ready()
        for version, (wrong, said) in enumerate(WRONG.items(), start=1):
            script.write_text(wrong)
            until(lambda: wait_for(app.url).status_code == 503)
            assert wait_for(app.url).text.endswith(said)
            new = save(version)
            until(lambda new=new: wait_for(app.url).text == new)
        assert "Traceback" not in app.log.read_text()
        assert app.log.read_text().count("Mend it and save") == len(WRONG)
        with socket.create_connection(("127.0.0.1", app.port)) as slow:  # half a request does not hold it up
            slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            new = save(len(WRONG) + 1)
            until(lambda: wait_for(app.url).text == new)
    finally:
        app.kill()
        app.log.unlink()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("app = = 1\n", r"sinking\.py, line 1: SyntaxError: invalid syntax\.$"),
        ("import fastapi\n", r"^AttributeError: module 'sinking' has no attribute 'app'\.$"),
        ("import sys; sys.exit('enough')\n", r"^SystemExit: enough\.$"),
        ("import no_such_package\n", r"^ModuleNotFoundError: No module named 'no_such_package'\.$"),
    ],
)
def test_a_fault_is_one_sentence_without_reload_too(tmp_path, monkeypatch, text, said):
    (tmp_path / "sinking.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "sinking", raising=False)
    with pytest.raises(Problem, match=said):
        launcher.script_app("sinking")


def test_an_app_that_cannot_begin_its_work_says_why_in_one_sentence(champion):
    """Not when it is imported, but when it starts: here by a setting, and by a file, that cannot be."""
    for name, settings, told in [
        ("prometheus_03_logging_app", {"PREDICTION_LOG_MAX_SIZE": "much"}, r"PREDICTION_LOG_MAX_SIZE is not right: "),
        ("scouter_01_collector_app", {"COLLECTOR_DATABASE": str(ROOT)}, r".* cannot be the collector's file: "),
    ]:
        with pytest.raises(Problem, match=f"^{name} did not start: .*{told}") as problem:
            start_app(name, port=ports.free_port(), settings=settings)
        log = ROOT / re.search(r"all of it is in (logs/\S+\.log)", str(problem.value))[1]
        assert "Traceback" not in log.read_text()
        assert len(str(problem.value).splitlines()) == 1


@pytest.mark.parametrize("wrong", WRONG)
def test_workers_that_cannot_start_end_all_and_say_why_in_one_sentence(tmp_path, monkeypatch, wrong):
    monkeypatch.setattr(AppInTerminal, "in_terminal", False)  # its words are to be read here
    (tmp_path / "sinking.py").write_text(wrong)
    for_ever = ("--timeout-worker-healthcheck", "600")  # how long uvicorn would wait for one that has ended
    sinking = AppInTerminal("sinking", ports.free_port(), 2, {"PYTHONPATH": str(tmp_path)}, *for_ever)
    try:
        until(lambda: sinking.ends_within(0.2), why=sinking.log.read_text)
        with pytest.raises(Problem, match=r"^sinking has ended by itself; the lines above say why\.$"):
            app.watch(sinking)
        assert WRONG[wrong].removeprefix("sailing.py") in sinking.last_error()
        assert "Traceback" not in sinking.log.read_text()
    finally:
        sinking.kill()
        sinking.log.unlink()


def test_workers_lose_what_workers_before_them_have_counted_and_no_other_database(tmp_path, monkeypatch):
    counted = ["counter_7.db", "gauge_livesum_7.db", "gauge_all_7.db", "histogram_7.db", "summary_7.db"]
    own = ["shop.db", "mlflow.db", "counter_of_mine.db", "counter_7.db.bak", "my_counter_7.db"]
    for name in [*counted, *own]:
        (tmp_path / name).touch()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    options = ["course.py", "fastapi_01_test_app", "--workers", "2", "--port", str(ports.free_port())]
    monkeypatch.setattr(sys, "argv", options)
    monkeypatch.setattr(app, "AppInTerminal", lambda *_: None)
    monkeypatch.setattr(app, "watch", lambda server: None)
    app.app()
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(own)


def test_behind_a_proxy_with_a_path_its_pages_ask_for_their_files_there(course):
    port, path = ports.free_port(), "/user/ann/proxy/8000"
    process = course("app", "fastapi_01_test_app", "--port", str(port), "--root-path", path)
    url = f"http://127.0.0.1:{port}"
    page = wait_for(f"{url}/docs").text
    assert f'"{path}/_docs/swagger-ui-bundle.js"' in page
    assert f"'{path}/openapi.json'" in page
    assert requests.get(f"{url}/openapi.json", timeout=30).json()["servers"] == [{"url": path}]
    stop(process, port)


@pytest.mark.parametrize(
    "path", ["user", "/é", "//evil.com", "/\\\\evil.com", "http://x/y", "/a b", "/a//b", '/"', "/a?b", "/a#b", "/a\n"]
)
def test_a_path_with_which_no_page_would_work_is_refused(monkeypatch, path):
    monkeypatch.setattr(sys, "argv", ["course.py", "fastapi_01_test_app", "--root-path", path])
    monkeypatch.setattr(app, "known_app", lambda name: pytest.fail("the path is taken"))
    with pytest.raises(Problem, match=r"^--root-path is '[^']*': write one / at its beginning"):
        app.app()


@pytest.mark.parametrize("path", ["", "/", "/titanic", "/titanic/", "/user/ann%40b-c_d.e~f@g/proxy/8000"])
def test_a_path_that_a_proxy_may_have_is_taken(path):
    assert app.PREFIX.fullmatch(path)


def test_passengers_are_not_sent_to_an_app_that_knows_none(monkeypatch):
    port = ports.free_port()
    monkeypatch.setattr(sys, "argv", ["course.py", "--port", str(port)])
    app = start_app("fastapi_01_test_app", port=port)
    with pytest.raises(
        Problem, match=rf"^Port {port} is taken by .*fastapi_01_test_app.*, which predicts for no passen"
    ):
        traffic.traffic()
    app.stop()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_an_app_with_two_workers_counts_together_and_leaves_nothing(course, champion):
    port = ports.free_port()
    url = f"http://127.0.0.1:{port}"
    process = course("app", "prometheus_02_model_monitor_app", "--port", str(port), "--workers", "2")
    wait_for(url)
    for _ in range(20):  # on new connections, so that both answer
        requests.get(url, timeout=30)

    def counted():
        lines = requests.get(f"{url}/metrics", timeout=30).text.splitlines()
        return [line for line in lines if line.startswith('http_requests_total{endpoint="/",')]

    # An answer is counted a moment after it is read.
    until(lambda: sum(float(line.split()[-1]) for line in counted()) == 21, why=lambda: str(counted()))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: all of the group are told
    said = process.communicate(timeout=120)[0]
    assert said.rstrip().endswith("Stopped.")
    assert "Traceback" not in said
    assert not ports.is_taken(port)


@pytest.mark.parametrize(
    ("command", "options", "told"),
    [
        (app.app, ["fastapi_01_test_app", "--workers", "0"], "--workers is 0"),
        (demo.main, ["--minutes", "0"], "--minutes is 0"),
        (demo.main, ["--minutes", "-3"], "--minutes is -3"),
        (demo.main, ["--minutes", "nan"], "--minutes is nan"),
        (bench.main, ["--rounds", "0"], "--rounds must be 1 or more"),
        (bench.main, ["--seconds", "-1"], "--seconds more than 0"),
        (preview.main, ["--serve", "8123", "--minutes", "0"], "--minutes is 0"),
        (refresh.main, ["99"], "There is no notebook called '99'"),
        (demo.main, ["--port", "9090"], "The dashboard and Prometheus cannot both have port 9090"),
        (demo.main, ["--port", "8000"], "The dashboard and the app cannot both have port 8000"),
        (monitor.main, ["--port", "3000"], "Grafana and Prometheus cannot both have port 3000"),
        (monitor.main, ["--port", "8000", "--no-grafana"], "Prometheus and the app cannot both have port 8000"),
    ],
)
def test_a_number_that_cannot_be_is_refused(monkeypatch, command, options, told):
    for name in ("COURSE_PORT", "COURSE_COLLECTOR_PORT", "COURSE_PROMETHEUS_PORT", "COURSE_GRAFANA_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "argv", ["course.py", *options])
    with pytest.raises(Problem, match=told):
        command()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["lab", "--port", "99999"], "99999 is not a port"), (["setup", "--everything"], "Its options are --all")],
)
def test_what_cannot_be_is_refused_in_one_sentence(arguments, told):
    result = run(*arguments, timeout=120)
    assert result.returncode == 1
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize("name", ["COURSE_PORT", "COURSE_COLLECTOR_PORT", "COURSE_PROMETHEUS_PORT"])
@pytest.mark.parametrize("said", ["80000", "here", "-1", "0"])
def test_a_variable_that_names_no_port_is_told(monkeypatch, name, said):
    monkeypatch.setenv(name, said)
    with pytest.raises(Problem, match=f"^{name} is {said}, which is not a port"):
        ports.setting(name, 1)


def test_an_unknown_app_lists_all_with_the_nearest_first():
    result = run("app", "fastapi_05_bach_app")
    lines = [line.strip() for line in result.stderr.splitlines()]
    assert result.returncode == 1
    assert "fastapi_05_bach_app" in lines[0]
    assert lines[1] == "fastapi_05_batch_test_app"
    assert set(lines[1:]) == {path.stem for path in (ROOT / "apps").glob("*_app.py")}


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("fastapi_5", "fastapi_05_batch_test_app"),
        ("fastapi_05", "fastapi_05_batch_test_app"),
        ("05", "fastapi_05_batch_test_app"),
        ("8", "prometheus_00_simple_monitoring_app"),  # lesson 08
    ],
)
def test_the_right_app_is_among_the_first_by_its_number_or_its_lesson(name, near):
    with pytest.raises(Problem) as problem:
        scripts.known_app(name)
    assert near in str(problem.value).split()[-len(scripts.app_names()) :][:2]


def test_app_without_a_name_lists_them_with_their_lessons():
    result = run("app")
    assert result.returncode == 0
    found = [re.fullmatch(r"  (\w+) +lesson (\d\d)", line).groups() for line in result.stdout.splitlines()[1:]]
    assert [name for name, _ in found] == scripts.app_names()
    assert all((ROOT / "notebooks" / f"{number}_{name}.ipynb").is_file() for name, number in found)


@pytest.mark.parametrize(
    "name", ["05", "5", "fastapi_04_single_app", "05_fastapi_04_single_app", "notebooks/05_fastapi_04_single_app.ipynb"]
)
def test_a_lesson_is_known_by_its_number(name):
    assert scripts.known_notebook(name).stem == "05_fastapi_04_single_app"


def test_a_taken_port_says_who_has_it_and_what_to_do(course):
    port = ports.free_port()
    process = course("app", "fastapi_01_test_app", "--port", str(port))
    wait_for(f"http://127.0.0.1:{port}/")
    result = run("app", "fastapi_02_roles_app", "--port", str(port))
    assert result.returncode == 1
    assert f"Port {port} is taken by" in result.stderr
    assert f"--port {port + 1}" in result.stderr
    if sys.platform == "linux":
        assert f"(process {process.pid})" in result.stderr
    stop(process, port)


@pytest.mark.parametrize("port", ["0", "70000"])
def test_a_port_that_is_none_is_refused(port):
    result = run("app", "fastapi_01_test_app", "--port", port)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1


def test_lab_serves_lesson_00_to_who_has_the_token(course):
    port = ports.free_port()
    process = course("lab", "--no-browser", "--port", str(port), JUPYTER_TOKEN="a-token")
    lesson = f"http://127.0.0.1:{port}/api/contents/notebooks/00_start_here.ipynb"
    assert wait_for(lesson).status_code == 403
    assert requests.get(lesson, params={"token": "a-token"}).json()["type"] == "notebook"
    assert requests.get(f"http://127.0.0.1:{port}/lab", params={"token": "a-token"}).status_code == 200
    process.terminate()
    process.communicate(timeout=120)
    assert not ports.is_taken(port)


def test_a_kernel_of_the_lab_finds_the_courses_own_python(course, tmp_path):
    port = ports.free_port()
    process = course("lab", "--no-browser", "--port", str(port), JUPYTER_TOKEN="a-token")
    url, token = f"http://127.0.0.1:{port}/api", {"token": "a-token"}
    wait_for(url)
    kernels = requests.get(f"{url}/kernelspecs", params=token).json()["kernelspecs"]
    assert list(kernels) == ["python3"]
    assert ".venv" in json.dumps(kernels["python3"]["resources"]) or kernels["python3"]["spec"]["argv"][0] == "python"
    process.terminate()
    process.communicate(timeout=120)


def test_doctor_finds_this_machine_ready():
    result = run("doctor", env={name: value for name, value in os.environ.items() if not name.endswith("_PORT")})
    assert result.returncode == 0, result.stdout
    assert "The lessons can run." in result.stdout
    for what in [
        "Python",
        "Packages",
        "Model",
        "8000",
        "8010",
        "8090",
        "8888",
        "9090",
        "9093",
        "3000",
        "Prometheus",
        "Alertmanager",
        "Grafana",
        "Free disk",
    ]:
        assert sum(what in line for line in result.stdout.splitlines()) >= 1, what


def test_doctor_looks_at_the_ports_that_the_settings_name(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        monkeypatch.setenv("COURSE_PORT", str(taken))
        monkeypatch.setenv("COURSE_GRAFANA_PORT", "none")
        what, state, _, must = doctor.port_line("the apps")
        assert (what, state.partition(" ")[0], must) == (f"Port {taken} (the apps)", "taken", False)
    assert doctor.port_line("Grafana")[2:] == (
        "COURSE_GRAFANA_PORT is none, which is not a port: a port is a number from 1 to 65535", True,
    )  # fmt: skip


def test_doctor_names_the_lessons_that_use_prometheus():
    using = [path.stem[:2] for path in scripts.lessons() if "start_prometheus(" in path.read_text(encoding="utf-8")]
    assert ", ".join(using) == doctor.WATCHED.removeprefix("lessons ").replace(" and ", ", ")


def test_doctor_finds_the_servers_that_the_course_would_start_and_no_others(tmp_path, monkeypatch):
    releases = {"PROMETHEUS_BIN": "Prometheus", "ALERTMANAGER_BIN": "Alertmanager", "GRAFANA_HOME": "Grafana"}
    for setting, name in releases.items():
        monkeypatch.setenv(setting, str(tmp_path / "nowhere"))
        said = f"{setting} is {tmp_path / 'nowhere'}, but there is no "
        what, state, to_do, must = doctor.program_line(name, "fetch it")
        assert (what, state, must) == (name, "not found", False)
        assert to_do.startswith(said)
    installed = tmp_path / "share" / "grafana"  # beside the PATH, as Debian's package has it
    for file in ("conf/defaults.ini", "bin/grafana", "bin/grafana.exe"):
        (installed / file).parent.mkdir(parents=True, exist_ok=True)
        (installed / file).touch(mode=0o755)
    monkeypatch.setattr(grafana_release, "INSTALLED", [str(installed)])
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("GRAFANA_HOME")
    assert doctor.program_line("Grafana", "fetch it") == ("Grafana", "found", "", False)


def test_doctor_before_the_set_up_does_not_guess_which_servers_there_are(monkeypatch):
    monkeypatch.delattr("classroom.servers.prometheus_release", raising=False)
    monkeypatch.setitem(sys.modules, "classroom.servers.prometheus_release", None)
    assert doctor.program_line("Prometheus", "fetch it")[1:3] == (
        "not known before the set-up",
        "python course.py setup",
    )


def test_doctor_counts_no_package_that_has_lost_its_name(tmp_path, monkeypatch):
    counted = doctor.packages_line()
    (tmp_path / "lost-1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert doctor.packages_line() == counted


LOST = """
import pathlib, sys
sys.path.insert(0, {folder!r})
del sys.argv[0]
code = compile(pathlib.Path(sys.argv[0]).read_text(), sys.argv[0], "exec")
exec(code, {{"__name__": "__main__"}})
"""


def test_a_package_that_has_lost_its_files_is_told_in_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "iceberg-1.0.dist-info").mkdir()
    (tmp_path / "iceberg-1.0.dist-info" / "METADATA").write_text("Name: iceberg\nVersion: 1.0\n")
    record = (
        "../../bin/iceberg,,\n__pycache__/of_one_file.pyc,,\niceberg/__init__.py,,\niceberg-1.0.dist-info/RECORD,,\n"
    )
    (tmp_path / "iceberg-1.0.dist-info" / "RECORD").write_text(record)
    (tmp_path / "iceberg").mkdir()
    (tmp_path / "uvicorn.py").write_text("import iceberg.berg")  # what `app` imports cannot be found
    start = ROOT / "notebooks" / "classroom" / "commands" / "_start.py"

    def started():
        command = [sys.executable, "-c", LOST.format(folder=str(tmp_path)), str(start), "app"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    monkeypatch.syspath_prepend(tmp_path)
    counted = doctor.packages_line()
    assert not counted[-1]
    assert started().stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'iceberg.berg'"
    (tmp_path / "iceberg").rmdir()
    (tmp_path / "uvicorn.py").write_text("import iceberg")
    to_do = "delete the folder .venv, then python course.py setup"
    assert doctor.packages_line() == ("Packages", "without their files: iceberg", to_do, True)
    said = f"The packages of the course are not whole: without their files: iceberg. What to do: {to_do}."
    assert started().stderr == f"{said} Then call this again.\n"


def test_setup_all_leaves_nothing_to_fetch(champion, tmp_path, monkeypatch, capsys):
    if None in (prometheus_release.find(), alertmanager_release.find()):
        pytest.skip("there is no Prometheus here, or no Alertmanager")
    monkeypatch.setenv("GRAFANA_HOME", str(tmp_path))
    with pytest.raises(Problem, match=r"^GRAFANA_HOME is "):
        _prepare.prepare()
    said = capsys.readouterr().out
    assert "Prometheus is ready: " in said
    assert "The model is ready: sqlite:///" in said  # what cannot be had does not keep it from the rest
    monkeypatch.setattr(_prepare.grafana_release, "find_or_fetch", lambda: Grafana([], tmp_path))
    _prepare.prepare()
    assert capsys.readouterr().out.endswith("Nothing is left to fetch.\n")


def test_a_store_on_a_server_is_not_called_ready_unasked(monkeypatch):
    address = f"127.0.0.1:{ports.free_port()}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://ann:iceberg@{address}")
    assert doctor.model_line()[1] == f"in the store at http://{address}; not asked here"
    with pytest.raises(Problem, match=f"^MLflow's server at http://{address} does not answer"):
        _prepare.trained()
    for name in ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_HTTP_REQUEST_TIMEOUT"):
        assert name in os.environ  # what makes that a matter of seconds


def test_doctor_of_a_fresh_folder_says_what_to_do_and_changes_nothing(tmp_path):
    for name in ("course.py", "requirements.txt", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("apps", "notebooks", "setting_up"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.ipynb"))
    result = subprocess.run(
        [BASE_PYTHON, "-S", "course.py", "doctor"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "python course.py setup" in result.stdout
    assert result.stderr == ""
    assert not (tmp_path / ".venv").exists()


def test_a_path_begins_where_one_is(tmp_path, monkeypatch):
    """The commands themselves run in the folder of the course."""

    def there(*arguments):
        command = [BASE_PYTHON, ROOT / "course.py", *arguments]
        env = os.environ | {"COURSE_CALLED_FROM": str(ROOT)}  # in a terminal of JupyterLab: from where that was called
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    (tmp_path / "bea.json").write_text('{"solved": ["05.1"]}')
    told = there("progress", "--json", "bea.json")
    assert [(one["name"], one["solved"]) for one in json.loads(told.stdout)] == [("bea", ["05.1"])], told.stderr
    assert there("pack", "bea.json").stderr.startswith(f"{tmp_path / 'bea.json'} is there already")
    done = there("handout", "out")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "course.py").exists()
    monkeypatch.setenv("LOGIN_ACCOUNTS", "mine/accounts.json")
    done = there("user", "rose", "--key")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine" / "accounts.json").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no folder in which somebody is")
def test_out_of_a_folder_that_was_deleted_a_path_begins_nowhere(tmp_path):
    def there(call, **variables):
        command = f'mkdir gone; cd gone; rmdir ../gone; "{BASE_PYTHON}" "{ROOT}/course.py" {call}'
        env = os.environ | variables
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    said = (1, "The folder that you are in was deleted: go into another one (cd), then call this again.\n")
    for call in ("handout out", "progress bea.json", "lab --from stick", "setup --from=stick"):
        assert there(call) == said
    assert there("user", LOGIN_ACCOUNTS="accounts.json") == said
    assert there("progress") == (0, "")
    assert there(f"progress '{ROOT}'") == (0, "")


def parts_of(annotation):
    """A type, and all of which it is made: of `Annotated[Path, ...] | None`, Path and None too."""
    return [annotation, *(part for one in get_args(annotation) for part in parts_of(one))]


def test_each_path_in_the_environment_begins_where_one_is(tmp_path, monkeypatch):
    of_paths = {
        name.upper()
        for settings in (titanic.settings, collector.settings, alerting.settings)
        for name, field in settings.Settings.model_fields.items()
        if Path in parts_of(field.annotation)
    }
    assert {"LOGIN_ACCOUNTS", "COLLECTOR_DATABASE", "ALERT_DATABASE"} <= of_paths
    assert {*_paths.names()} == of_paths | {"GRAFANA_HOME", *_paths.PROGRAMS}
    monkeypatch.setenv("COURSE_CALLED_FROM", str(tmp_path))
    store = tmp_path.as_posix()
    for name, said, meant in [
        ("PREDICTION_LOG_PATH", "a/b.jsonl", str(tmp_path / "a" / "b.jsonl")),
        ("PREDICTION_LOG_PATH", str(ROOT / "b.jsonl"), str(ROOT / "b.jsonl")),
        ("PREDICTION_LOG_PATH", "", ""),
        ("PROMETHEUS_BIN", "prometheus", "prometheus"),
        ("PROMETHEUS_BIN", os.path.join("bin", "prometheus"), str(tmp_path / "bin" / "prometheus")),
        ("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db", f"sqlite:///{store}/mlflow.db"),
        ("MLFLOW_TRACKING_URI", f"sqlite:///{store}/mlflow.db", f"sqlite:///{store}/mlflow.db"),
        ("MLFLOW_TRACKING_URI", "sqlite://", "sqlite://"),
        ("MLFLOW_TRACKING_URI", "sqlite:///:memory:", "sqlite:///:memory:"),
        ("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000", "http://127.0.0.1:5000"),
    ]:
        monkeypatch.setenv(name, said)
        _paths.from_where_one_is()
        assert os.environ[name] == meant


def test_a_test_is_found_from_the_root_or_where_one_is(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CALLED_FROM", str(tmp_path))
    (tmp_path / "test_mine.py").touch()
    with monkeypatch.context() as patch:  # the folder was deleted
        patch.delenv("COURSE_CALLED_FROM")
        assert test.seen_from_root("-n0") == "-n0"
    for same in ("tests", "tests/test_links.py::test_a", "-k", "-n0", "test_other.py", "", "a" * 5000):
        assert test.seen_from_root(same) == same
    assert test.seen_from_root("test_mine.py") == str(tmp_path / "test_mine.py")
    assert test.seen_from_root("test_mine.py::test_a") == f"{tmp_path / 'test_mine.py'}::test_a"
