"""Several workers behind one port: each scrape tells the totals of all of them, also after one was killed."""

import os
import subprocess
import sys

import psutil
import pytest
import requests
from contract import entries, samples, values
from serving import ROOT, serve, settle
from waiting import until

from classroom import start_app
from classroom.servers.ports import free_port
from titanic.passenger import EXAMPLES

NAME = "prometheus_04_multi_execute_app"
SCRAPES = 20  # on a new connection each, so that both workers answer

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows gives a killed worker's files free only later")


@pytest.fixture
def server(champion, log_file, tmp_path):
    (tmp_path / "metrics").mkdir()
    with serve(NAME, "--workers", "2", PROMETHEUS_MULTIPROC_DIR=tmp_path / "metrics") as server:
        wait_for_workers(tmp_path / "metrics", 2)
        yield server


def wait_for_workers(folder, number, without=()):
    """Wait until so many workers, these not among them, have answered; return their process ids."""

    def workers():
        pids = {int(file.stem.rpartition("_")[2]) for file in folder.glob("counter_*.db")} - set(without)
        return pids if len(pids) >= number else None

    return until(workers, why=lambda: f"there are not {number} workers")


def logs(log_file):
    """The log of each worker that has predicted, by its process id."""
    return {int(file.stem.rpartition("_")[2]): entries(file) for file in log_file.parent.glob("predictions_*.jsonl")}


def predict(server, log_file, number):
    """Send so many requests, and go on until two workers that live have answered; return the number of requests."""
    for sent in range(1, 1_000):
        assert server.post("/predict_single", json=EXAMPLES[0]).status_code == 200
        if sent >= number and sum(psutil.pid_exists(pid) for pid in logs(log_file)) >= 2:
            settle(server)
            return sent
    raise AssertionError("one worker answers everything")


def test_every_scrape_tells_the_totals_of_all_workers(server, log_file, tmp_path):
    sent = predict(server, log_file, 100)
    for _ in range(SCRAPES):
        assert values(server, "http_requests_total", endpoint="/predict_single") == [sent]
        assert values(server, "titanic_predictions_total") == [sent]
        assert values(server, "http_request_duration_seconds_count", endpoint="/predict_single") == [sent]
        assert values(server, "http_requests_in_progress") == [1]
    assert not [sample.name for sample in samples(server) if sample.name.endswith("_created")]
    assert not [sample for sample in samples(server) if "pid" in sample.labels]

    found = logs(log_file)
    assert set(found) <= wait_for_workers(tmp_path / "metrics", 2)
    assert sum(len(lines) for lines in found.values()) == sent
    for lines in found.values():
        assert [line["execute"] for line in lines] == list(range(1, len(lines) + 1))

    # A killed worker keeps what it has counted, and loses the memory that it used.
    (victim, *_) = found
    memory = psutil.Process(victim).memory_info().rss
    (before,) = values(server, "memory_usage_bytes")
    assert before > 1.5 * memory
    psutil.Process(victim).kill()
    (survivor,) = set(found) - {victim}
    wait_for_workers(tmp_path / "metrics", 2, without={victim})  # uvicorn starts another one
    until(lambda: not psutil.pid_exists(victim), seconds=20)
    more = predict(server, log_file, 20)
    for _ in range(SCRAPES):
        assert values(server, "titanic_predictions_total") == [sent + more]
        assert values(server, "http_requests_total", endpoint="/predict_single") == [sent + more]
        assert values(server, "http_requests_in_progress") == [1]
    assert not list((tmp_path / "metrics").glob(f"gauge_live*_{victim}.db"))
    assert values(server, "memory_usage_bytes")[0] < 2.5 * memory  # two workers, not three
    assert psutil.pid_exists(survivor)
    assert logs(log_file)[victim] == found[victim]


def test_a_folder_that_is_not_there_is_made(champion, log_file, tmp_path):
    with serve(NAME, PROMETHEUS_MULTIPROC_DIR=tmp_path / "not" / "there") as server:
        server.post("/predict_single", json=EXAMPLES[0])
        assert values(server, "titanic_predictions_total") == [1]
    assert len(logs(log_file)) == 1


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    command = [sys.executable, "-m", "uvicorn", f"{NAME}:app", "--port", str(free_port())]
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "file" / "below")}
    ended = subprocess.run(command, cwd=ROOT / "apps", env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode
    last = ended.stderr.strip().splitlines()[-1]
    assert "PROMETHEUS_MULTIPROC_DIR must name a folder" in last
    assert str(tmp_path / "file" / "below") in last


def test_the_courses_own_start_makes_it_for_every_app(champion, log_file, tmp_path):
    folder = tmp_path / "not" / "there"
    app = start_app(
        "prometheus_01_four_signal_monitor_app", port=free_port(), settings={"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    )
    try:
        requests.post(f"{app.url}/predict_single", json=EXAMPLES[0], timeout=30)
        assert "http_requests_total" in requests.get(f"{app.url}/metrics", timeout=30).text
    finally:
        app.stop()
