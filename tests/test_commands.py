"""The commands of course.py, used as a learner uses them: `app`, `lab`, `doctor`."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress

import pytest
import requests
from conftest import BASE_PYTHON, ROOT
from waiting import until

from classroom.servers import ports
from titanic.passenger import EXAMPLES

READY = (ROOT / ".venv" / "course-is-ready").exists()

pytestmark = pytest.mark.skipif(not READY, reason="course.py has not set up this folder")


def run(*arguments, **options):
    command = [BASE_PYTHON, "course.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)


def wait_for(url, seconds=120):
    """The answer at this address, as soon as there is one."""
    answers = []

    def has_answered():
        with suppress(requests.ConnectionError):
            answers.append(requests.get(url, timeout=5))
        return answers

    return until(has_answered, seconds, lambda: f"nothing answers at {url}")[0]


def stop(process, port):
    """Stop as Ctrl-C does, and see that nothing is left."""
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
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
    stop(process, port)


def test_the_collector_has_a_port_of_its_own(course):
    port = int(os.environ["COURSE_COLLECTOR_PORT"])  # set by conftest.py; without it, 8090
    process = course("app", "scouter_01_collector_app")
    assert wait_for(f"http://127.0.0.1:{port}/scouter/healthcheck").json() == {"alive": True}
    stop(process, port)


def test_app_starts_again_when_its_script_is_saved(course):
    port = ports.free_port()
    process = course("app", "fastapi_01_test_app.py", "--port", str(port), "--reload")
    url = f"http://127.0.0.1:{port}"
    assert wait_for(f"{url}/").json() == {"message": "Hello, FastAPI is working!"}
    requests.post(f"{url}/guests", params={"name": "Ada"})
    os.utime(ROOT / "apps" / "fastapi_01_test_app.py")
    until(lambda: wait_for(f"{url}/guests").json() == [], seconds=30)
    stop(process, port)


def test_an_unknown_app_lists_all_with_the_nearest_first():
    result = run("app", "fastapi_05_bach_app")
    lines = [line.strip() for line in result.stderr.splitlines()]
    assert result.returncode == 1
    assert "fastapi_05_bach_app" in lines[0]
    assert lines[1] == "fastapi_05_batch_test_app"
    assert set(lines[1:]) == {path.stem for path in (ROOT / "apps").glob("*_app.py")}


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
    process.communicate(timeout=20)
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
    process.communicate(timeout=20)


def test_doctor_finds_this_machine_ready():
    result = run("doctor")
    assert result.returncode == 0, result.stdout
    assert "The lessons can run." in result.stdout
    for what in [
        "Python",
        "Packages",
        "Model",
        "8000",
        "8090",
        "8888",
        "9090",
        "3000",
        "Prometheus",
        "Grafana",
        "Free disk",
    ]:
        assert sum(what in line for line in result.stdout.splitlines()) >= 1, what


def test_doctor_of_a_fresh_folder_says_what_to_do_and_changes_nothing(tmp_path):
    for name in ("course.py", "requirements.txt", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("apps", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.ipynb"))
    result = subprocess.run(
        [BASE_PYTHON, "-S", "course.py", "doctor"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "python course.py setup" in result.stdout
    assert result.stderr == ""
    assert not (tmp_path / ".venv").exists()
