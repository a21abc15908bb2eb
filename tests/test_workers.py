"""Several workers behind one port: each scrape tells the totals of all of them, also after one was killed."""

import json
import os
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from contract import entries, samples, values
from prometheus_client import generate_latest
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from serving import ROOT, serve, settle
from waiting import until

from classroom.load import drive
from classroom.servers.ports import free_port
from titanic import metrics_folder, workers
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
    assert values(server, "http_requests_total", endpoint="/predict_single", status_code="503") == [0]
    (tmp_path / "metrics" / "counter_99999.db").touch()  # a worker that was killed when it had just begun
    for _ in range(SCRAPES):
        assert values(server, "http_requests_total", endpoint="/predict_single", status_code="200") == [sent]
        assert values(server, "titanic_predictions_total") == [sent]
        assert values(server, "http_request_duration_seconds_count", endpoint="/predict_single") == [sent]
        assert values(server, "http_requests_in_progress") == [1]
    assert server.log.read_text().count("counter_99999.db is left out of the metrics") <= 2  # each worker says it once
    assert "counter_99999.db is left out of the metrics" in server.log.read_text()
    assert not [sample.name for sample in samples(server) if sample.name.endswith("_created")]
    assert not [sample for sample in samples(server) if "pid" in sample.labels]

    found = logs(log_file)
    assert set(found) <= wait_for_workers(tmp_path / "metrics", 2)
    assert sum(len(lines) for lines in found.values()) == sent
    for lines in found.values():
        assert [line["execute"] for line in lines] == list(range(1, len(lines) + 1))

    # Whoever answers, memory and processor are the sums over both workers; after a load they fall again.
    def told(name):
        return [values(server, name)[0] for _ in range(SCRAPES)]

    together = sum(psutil.Process(pid).memory_info().rss for pid in found)
    assert all(memory == pytest.approx(together, rel=0.2) for memory in told("memory_usage_bytes"))
    with ThreadPoolExecutor() as pool:  # asked while it works: how busy it is depends on what else this machine does
        load = pool.submit(drive, f"{server.url}/predict_single", [json.dumps(EXAMPLES[0]).encode()], 4, 4)
        busy = max(share for _ in iter(load.done, True) for share in told("cpu_usage_percent"))
    assert busy > 0

    def is_calm():
        time.sleep(2.5)  # to be asked is a load too, and each worker measures itself once a second
        return values(server, "cpu_usage_percent")[0] < busy / 2

    until(is_calm)
    settle(server)
    sent = int(values(server, "titanic_predictions_total")[0])
    found = logs(log_file)

    # A killed worker keeps what it has counted, and loses the memory that it used.
    (victim, *_) = found
    memory = psutil.Process(victim).memory_info().rss
    (before,) = values(server, "memory_usage_bytes")
    assert before > 1.5 * memory
    psutil.Process(victim).kill()
    (survivor,) = set(found) - {victim}
    wait_for_workers(tmp_path / "metrics", 2, without={victim})  # uvicorn starts another one
    until(lambda: not psutil.pid_exists(victim))
    more = predict(server, log_file, 20)
    for _ in range(SCRAPES):
        assert values(server, "titanic_predictions_total") == [sent + more]
        assert values(server, "http_requests_total", endpoint="/predict_single", status_code="200") == [sent + more]
        assert values(server, "http_requests_in_progress") == [1]
    assert not list((tmp_path / "metrics").glob(f"gauge_live*_{victim}.db"))
    assert values(server, "memory_usage_bytes")[0] < 2.5 * memory  # two workers, not three
    assert psutil.pid_exists(survivor)
    assert logs(log_file)[victim] == found[victim]


def worker_file(folder, pid, value, name="counter"):
    """The file of a worker that has counted so much."""
    kept = MmapedDict(str(folder / f"{name}_{pid}.db"))
    kept.write_value(mmap_key("boats_total", "boats_total", [], [], "Boats."), value, 0)
    kept.close()
    return folder / f"{name}_{pid}.db"


ENTRY = struct.pack("ii", 64, 0)  # the head of a file of which 64 bytes are in use
BROKEN = {
    "empty": lambda file: file.write_bytes(b""),
    "three bytes": lambda file: file.write_bytes(b"abc"),
    "text": lambda file: file.write_bytes(b"iceberg " * 100),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:40]),
    "no JSON": lambda file: file.write_bytes(ENTRY + struct.pack("i", 20) + b"x" * 52),
    "JSON of another kind": lambda file: file.write_bytes(ENTRY + struct.pack("i12sdd", 4, b"1234", 0, 0) + b"\0" * 20),
    "no letters": lambda file: file.write_bytes(ENTRY + struct.pack("i", 20) + b"\xff" * 52),
    "going round in circles": lambda file: file.write_bytes(ENTRY + struct.pack("i", -28) + b"\0" * 52),
    "a folder": lambda file: (file.unlink(), file.mkdir()),
    "a pipe": lambda file: (file.unlink(), os.mkfifo(file)),
    "a link to nothing": lambda file: (file.unlink(), file.symlink_to("nowhere")),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("name", ["counter", "histogram", "gauge_livesum", "gauge_all", "unknown", "counter_x"])
def test_a_file_that_cannot_be_read_costs_only_what_is_in_it(kind, name, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    worker_file(tmp_path, 1, 5), worker_file(tmp_path, 2, 7)
    broken = worker_file(tmp_path, os.getpid(), 1, name)
    BROKEN[kind](broken)
    for _ in range(3):
        assert "boats_total 12.0" in generate_latest(workers.registry()).decode()
    (said,) = caplog.messages
    assert str(broken) in said


def test_gauges_of_odd_names_do_not_end_a_scrape(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    worker_file(tmp_path, 1, 5)
    for name in ("gauge_livesum_x.db", "gauge_livesum_.db", f"gauge_livesum_{10**30}.db", "gauge_live.db", "gauge.db"):
        (tmp_path / name).touch()
    (tmp_path / "gauge_livesum_999999.db").mkdir()
    assert "boats_total 5.0" in generate_latest(workers.registry()).decode()


# What has metrics and imports none of those that make the folder for the others, and one of the others.
KINDS = [
    "prometheus_00_simple_monitoring_app", "prometheus_01_four_signal_monitor_app", "scouter_01_collector_app", NAME,
]  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_folder_that_is_not_there_is_made(name, log_file, tmp_path):
    settings = {"COLLECTOR_DATABASE": tmp_path / "collector", "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path / 'none'}"}
    with serve(name, PROMETHEUS_MULTIPROC_DIR=tmp_path / "not" / "there", **settings) as server:
        assert samples(server)
        assert "Traceback" not in server.log.read_text()
    assert list((tmp_path / "not" / "there").glob("counter_*.db"))


def limited(size):
    """Let no file of this process grow beyond so many bytes: to it, the disk seems to be full then."""
    import resource  # Windows has none

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_folder_without_space_is_named_in_a_sentence(tmp_path):
    start = subprocess.run(
        [sys.executable, "-c", f"import {KINDS[1]}"], cwd=ROOT / "apps", capture_output=True, text=True,
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}, preexec_fn=lambda: limited(500_000),
    )  # fmt: skip
    assert start.returncode
    assert start.stderr.startswith(f"PROMETHEUS_MULTIPROC_DIR must name a folder, and {tmp_path} has no space")
    assert len(start.stderr.splitlines()) == 1


def test_what_a_worker_writes_to_has_its_place_on_the_disk(tmp_path):
    kept = metrics_folder.MetricsFile(str(tmp_path / "counter_1.db"))
    found = os.stat(tmp_path / "counter_1.db")
    assert found.st_size == kept._capacity == metrics_folder.SPACE
    assert found.st_blocks * 512 >= found.st_size
    kept.close()


WITHOUT_SPACE = """
import resource, prometheus_00_simple_monitoring_app as app
count = app.http_requests_total
count.labels("GET", "/", "200").inc()
resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
for number in range(5_000):
    count.labels("GET", f"/{number}", "200").inc()
"""


def test_a_disk_that_becomes_full_costs_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    subprocess.run([sys.executable, "-c", WITHOUT_SPACE], cwd=ROOT / "apps", check=True)
    page = generate_latest(workers.registry()).decode()
    assert page.count("http_requests_total{") == 5_001


def test_a_worker_whose_files_were_deleted_says_so(log_file, tmp_path):
    with serve(NAME, PROMETHEUS_MULTIPROC_DIR=tmp_path / "metrics") as server:
        assert server.get("/metrics").status_code == 200
        for file in (tmp_path / "metrics").iterdir():
            file.unlink()
        for _ in range(3):
            assert server.get("/metrics").status_code == 500  # so that Prometheus sees the app as down
        assert server.log.read_text().count("was deleted, and with it what was counted") == 1
        assert "Traceback" not in server.log.read_text()


def test_a_variable_that_is_empty_names_no_folder(tmp_path):
    code = "import titanic.golden_signals as signals; signals.http_requests_total.labels('GET', '/', '200').inc()"
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": ""}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named_in_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "file" / "below")}
    commands = [[sys.executable, "-m", "uvicorn", f"{name}:app", "--port", str(free_port())] for name in KINDS]
    starts = [
        subprocess.Popen(one, cwd=ROOT / "apps", env=environment, stderr=subprocess.PIPE, text=True) for one in commands
    ]
    for start in starts:
        said = start.communicate(timeout=60)[1]
        assert start.returncode
        assert said.startswith("PROMETHEUS_MULTIPROC_DIR must name a folder")
        assert str(tmp_path / "file" / "below") in said
        assert len(said.splitlines()) == 1


def test_a_wrong_setting_of_another_block_does_not_matter(tmp_path):
    environment = os.environ | {"PREDICTION_LOG_MAX_SIZE": "much", "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    code = f"import {KINDS[0]}; from titanic import workers; list(workers.registry().collect())"
    command = [sys.executable, "-c", code]
    subprocess.run(command, cwd=ROOT / "apps", env=environment, check=True)
