"""The app on several machines: fastapi_05's contract, a machine that is killed under load, numbers for Prometheus."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections import Counter

import httpx2
import nbformat
import psutil
import pytest
from conftest import ROOT
from contract import (
    HEALTH,
    JSON,
    LIMIT,
    PASSENGER,
    TRAIN,
    a_batch_is_as_singles,
    accepts_and_refuses,
    post,
    reason,
    samples,
)
from nbclient import NotebookClient
from prometheus_client.parser import text_string_to_metric_families
from waiting import read_until, until

from classroom import start_app
from classroom.asking import Clients
from classroom.machines import stop_machines
from classroom.servers import ports, ray_machine
from classroom.servers.folders import TOOLS
from titanic import ray_metrics
from titanic.passenger import EXAMPLES, Passenger
from titanic.prediction import PredictionError
from titanic.problem import Problem

pytest.importorskip("ray", reason="there is no Ray for this machine")
NAME = "ray_00_serve_app"
REQUESTS = "ray_serve_num_http_requests_total"
ANSWERS = [
    {"prediction": number, "survival_status": status}
    for number, status in [(1, "Survived"), (0, "Not Survived"), (1, "Survived")]
]


class Cluster:
    """`course.py cluster`, as a terminal starts it: .api asks its app; .pids are those of its machines, by name."""

    def __init__(self, machines):
        port = ports.free_port()
        command = [sys.executable, "-m", "classroom.commands.cluster", "--machines", str(machines), "--port", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.port = port
        self.said = read_until(self.process, "Ctrl-C", 400)
        self.pids = {name: int(pid) for name, pid in re.findall(r"(machine \d): process (\d+)", "\n".join(self.said))}
        self.api = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)

    def answering(self, requests=20):
        """The machines that answer so many requests."""
        return Counter(post(self.api, "/predict_single", EXAMPLES[0]).headers["X-Machine"] for _ in range(requests))


@pytest.fixture(scope="module")
def cluster(champion):
    before = set(TOOLS.glob("ray-*"))
    one = Cluster(machines=3)
    try:
        yield one
    finally:
        below = psutil.Process(one.process.pid).children(recursive=True)
        one.process.send_signal(signal.SIGINT)
        rest = one.process.communicate(timeout=120)[0]
    _, alive = psutil.wait_procs(below, timeout=20)
    assert not alive
    assert len(below) > 10
    assert rest.endswith("Stopped.\n")
    assert not ports.is_taken(one.port)
    assert set(TOOLS.glob("ray-*")) <= before


@pytest.mark.cluster
def test_the_lesson_scores_a_million_passengers_and_loses_none_with_a_machine(champion):
    """As its text says: change one number."""
    lesson = nbformat.read(ROOT / "notebooks" / f"25_{NAME}.ipynb", as_version=4)
    (cell,) = [cell for cell in lesson.cells if "NUMBER, FILES = 40_000," in cell.source]
    cell.source = cell.source.replace("40_000", "1_000_000")
    NotebookClient(lesson, timeout=500, resources={"metadata": {"path": ROOT / "notebooks"}}).execute()
    told = "".join(output.get("text", "") for cell in lesson.cells for output in cell.get("outputs", []))
    once, right = "lost in the middle: True\npassengers: 1000000 different ones: 1000000\n", "True\n"
    assert once + right in told


STARTED_AGAIN = """
import time
from classroom.machines import start_machines, stop_machines

machines = start_machines(1)
import ray

for number in (1, 2):
    print("answers", ray.get(ray.remote(lambda: number).remote()), flush=True)
    machines[0].kill()
    time.sleep(75 if number == 1 else 0)  # Ray itself would end the notebook after 60
    machines = start_machines(1)
stop_machines()
print("the end")
"""


@pytest.mark.cluster
def test_a_notebook_outlives_its_head_and_starts_another_one(notebook):
    said = notebook(STARTED_AGAIN).communicate()[0]
    assert re.findall(r"answers \d|the end", said) == ["answers 1", "answers 2", "the end"], said


def test_a_folder_that_somebody_has_named_to_ray_is_left_alone(tmp_path, monkeypatch):
    (tmp_path / "thesis.txt").touch()
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    stop_machines()  # this notebook has started none
    ours = ray_machine.new_folder()
    monkeypatch.setenv("RAY_TMPDIR", ray_machine.new_settings(ours)["RAY_TMPDIR"])  # as connect() does it
    stop_machines()
    assert (ours.exists(), (tmp_path / "thesis.txt").exists()) == (False, True)
    assert os.environ["RAY_TMPDIR"] == str(tmp_path)


@pytest.mark.cluster
def test_two_of_the_machines_share_the_requests(cluster):
    assert len(cluster.pids) == 3
    both = cluster.answering(40)
    assert len(both) == 2
    assert set(both) <= set(cluster.pids)
    assert min(both.values()) >= 10


@pytest.mark.cluster
def test_it_keeps_the_contract_of_lesson_07(cluster):
    api = cluster.api
    assert api.get("/").json() == {"message": "Titanic MLflow API is running"}
    assert (api.get("/health").status_code, api.get("/health").json()) == (200, HEALTH)
    assert [post(api, "/predict_single", passenger).json() for passenger in EXAMPLES] == ANSWERS
    a_batch_is_as_singles(api)
    assert "/_docs/swagger-ui-bundle.js" in api.get("/docs").text
    assert api.get("/_docs/swagger-ui-bundle.js").status_code == 200


@pytest.mark.cluster
def test_it_refuses_what_the_app_of_lesson_07_refuses(cluster):
    api = cluster.api
    accepts_and_refuses(api)
    assert api.post("/predict_single", content=PASSENGER.ljust(LIMIT), headers=JSON).status_code == 200
    assert api.post("/predict_single", content=PASSENGER.ljust(LIMIT + 1), headers=JSON).status_code == 413


def counted(api):
    """The requests for pages that do not exist, as /metrics tells."""
    return sum(one.value for one in samples(api) if one.labels.get("status_code") == "404" and one.name == REQUESTS)


def copies(api):
    """The processes of which /metrics says that they have answered something."""
    return {one.labels["WorkerId"] for one in samples(api) if one.name == "ray_serve_deployment_request_counter_total"}


@pytest.mark.cluster
def test_metrics_tells_what_was_counted_on_all_machines(cluster):
    answer = cluster.api.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = [family.name for family in text_string_to_metric_families(answer.text)]
    assert len(families) == len(set(families)), "the lines of a metric must stand together"
    before = counted(cluster.api)
    for _ in range(30):
        assert cluster.api.get("/nowhere").status_code == 404
    until(lambda: counted(cluster.api) == before + 30)
    cluster.answering()
    until(lambda: len(copies(cluster.api)) == 2)


@pytest.mark.cluster
def test_a_machine_that_is_killed_under_load_is_replaced(cluster):
    url = str(cluster.api.base_url)
    with Clients(url, 4) as clients, Clients(url, 2, tries=2) as patient:
        until(lambda: min(map(len, clients.noted + patient.noted)) > 20)
        killed = max(clients.machines(20))  # not machine 1, the head
        os.kill(cluster.pids[killed], signal.SIGKILL)
        until(lambda: len(clients.machines()) == 2 and killed not in clients.machines(), seconds=180)
    # At most what each client was just asking for; on a quiet machine, that is less than one in 1,000.
    assert len(clients.failed) <= max(4, len(clients.answers) / 1000)
    assert patient.failed == []
    assert f"{killed} has ended.\n" == cluster.process.stdout.readline()
    assert len(cluster.answering(20)) == 2


# The app without Ray, as bare uvicorn serves it


@pytest.fixture
def api(client, champion):
    return client(NAME)


def test_under_bare_uvicorn_it_predicts_alone(api):
    assert [post(api, "/predict_single", passenger).json() for passenger in EXAMPLES] == ANSWERS
    assert api.get("/metrics").text == ""
    assert post(api, "/predict_batch", EXAMPLES).status_code == 200


def test_without_a_store_it_starts_and_says_what_to_do(client, empty_store):
    api = client(NAME)
    assert api.get("/health").status_code == 503
    answer = post(api, "/predict_single", EXAMPLES[0])
    assert answer.status_code == 503
    assert TRAIN in answer.json()["detail"]


def test_whose_row_is_at_fault_gets_the_error_and_nobody_else(api, caplog):
    import ray_00_serve_app  # here and not above: the api is of this one

    champion = api.app.state.model

    class Ill:
        def predict_proba(self, table):
            if 99 in list(table["Age"]):
                raise ValueError("nobody is 99")
            return champion.predict_proba(table)

    passengers = [Passenger.model_validate(EXAMPLES[0] | {"Age": age}) for age in (24, 99, 30)]
    waiting = [ray_00_serve_app.Waiting(passenger, Ill()) for passenger in passengers]
    first, second, third = asyncio.run(ray_00_serve_app.predict(waiting))
    assert 0.5 < first <= 1
    assert 0.5 < third <= 1
    assert isinstance(second, PredictionError)
    api.app.state.model = Ill()
    assert reason(post(api, "/predict_single", EXAMPLES[0] | {"Age": 99}), caplog) == "nobody is 99"


def test_the_lines_of_a_metric_stand_together_whichever_machine_tells_them():
    head = "# HELP ray_serve_a A.\n# TYPE ray_serve_a counter\n"
    one = head + 'ray_serve_a{m="1"} 1.0\n# HELP python_info P.\n# TYPE python_info gauge\npython_info 1.0\n'
    two = "# HELP ray_serve_b B.\n# TYPE ray_serve_b gauge\nray_serve_b 2.0\n" + head + 'ray_serve_a{m="2"} 3.0\n'
    told = ray_metrics.joined([one, "", two])
    assert told == head + 'ray_serve_a{m="1"} 1.0\nray_serve_a{m="2"} 3.0\n' + two.partition("# HELP ray_serve_a")[0]


# One machine alone, and what is not possible


@pytest.mark.cluster
def test_on_one_machine_it_is_started_and_stopped_as_every_app(champion):
    app = start_app(NAME)
    try:
        with httpx2.Client(base_url=app.url, timeout=60) as client:
            assert [post(client, "/predict_single", passenger).json() for passenger in EXAMPLES] == ANSWERS
        below = psutil.Process(app.watcher.pid).children(recursive=True)
        assert any("gcs_server" in one.name() for one in below)
    finally:
        app.stop()
    assert not psutil.wait_procs(below, timeout=20)[1]


@pytest.mark.parametrize("options", [["--reload"], ["--workers", "2"], ["--root-path", "/user/ann"]])
def test_what_ray_does_not_do_is_said(course, options):
    process = course("app", NAME, *options)
    assert "it knows --port only" in process.communicate(timeout=60)[0]
    assert process.returncode == 1


def test_a_notebook_is_told_too_that_it_has_no_workers(champion):
    with pytest.raises(Problem, match="has no workers"):
        start_app(NAME, workers=2)


@pytest.mark.parametrize("options", [["--copies", "4"], ["--copies", "0"], ["--machines", "0"]])
def test_more_copies_than_machines_are_refused(course, options):
    process = course("cluster", *options)
    assert "copies need as many machines" in process.communicate(timeout=60)[0]
    assert process.returncode == 1


def test_where_there_is_no_ray_one_sentence_says_so(monkeypatch):
    monkeypatch.setattr(ray_machine.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Problem) as problem:
        ray_machine.start(1)
    assert str(problem.value) == ray_machine.NO_RAY


def test_the_names_of_the_sockets_are_short_enough_for_each_system(monkeypatch, tmp_path):
    deep = tmp_path / ("folder " * 12)
    monkeypatch.setattr(ray_machine, "TOOLS", deep)
    deep.parent.mkdir(exist_ok=True)
    short = ray_machine.new_folder()
    try:
        assert len(str(short)) <= ray_machine.LONGEST
        assert short.parent != deep
    finally:
        short.rmdir()


def test_nobody_is_told_that_ray_is_used():
    settings = ray_machine.new_settings(TOOLS)
    assert settings["RAY_USAGE_STATS_ENABLED"] == "0"
    # Ray reads the secret once in each process, so all clusters of one have the same; another process has another.
    assert settings["RAY_AUTH_TOKEN"] == ray_machine.new_settings(TOOLS)["RAY_AUTH_TOKEN"]
    assert settings["RAY_AUTH_TOKEN"] != ray_machine.own_secret.__wrapped__()
