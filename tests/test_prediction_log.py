"""The log of the predictions survives kills, full disks and wrong paths, and costs the same however long it is."""

import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import endless_log
import pytest
from conftest import import_anew
from contract import entries, post, values

from titanic import json_lines
from titanic.passenger import EXAMPLES

NAME = "prometheus_03_logging_app"
ORIGIN = {"experiment_id": "1", "run_id": "x" * 32}
POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="Windows has no such device or limit")


@pytest.fixture
def module():
    """titanic.prediction_log, with metrics that count from zero."""
    return import_anew("titanic.prediction_log")


@pytest.fixture
def open_log(module, log_file):
    """open_log() opens the log of this test as a start of the app does."""
    return lambda: module.PredictionLog(log_file, ORIGIN)


def errors(module):
    return module.prediction_log_errors_total._value.get()


def numbers(path):
    """The numbers of all lines that are whole, in their order."""
    return [entry["execute"] for entry in json_lines.read(path)]


def torn_lines(path):
    return [line for line in path.read_bytes().splitlines() if json_lines.entry_of(line) is None]


def killed_while_writing(processes, path, seconds):
    """Write in another process, kill it after this time, and return the last number that it said is written."""
    receiver, sender = processes.Pipe(duplex=False)
    child = processes.Process(target=endless_log.write, args=[path, sender])
    child.start()
    sender.close()
    said = receiver.recv()  # it has begun
    time.sleep(seconds)
    child.kill()
    child.join()
    try:
        while True:
            said = receiver.recv()
    except (EOFError, OSError):  # that was the last word
        return said


def test_twenty_kills_while_writing_lose_nothing(log_file):
    # A process that has imported everything, and of which copies are made, saves two seconds for each of them.
    quick = "forkserver" in multiprocessing.get_all_start_methods()
    processes = multiprocessing.get_context("forkserver" if quick else "spawn")
    processes.set_forkserver_preload(["titanic.prediction_log"])
    draw = random.Random(1912)
    for kill in range(1, 21):
        said = killed_while_writing(processes, log_file, draw.uniform(0, 0.02))
        assert len(torn_lines(log_file)) <= kill, "a kill has torn more than one line"
        found = numbers(log_file)
        assert found == list(range(1, len(found) + 1)), "a gap or a duplicate"
        assert len(found) >= said, "what was written is lost"


def test_a_last_line_torn_at_any_byte_is_skipped_and_written_after(open_log, log_file):
    open_log().add([0.25, 0.75])
    whole = log_file.read_bytes()
    first, second = whole.splitlines(keepends=True)
    for length in range(len(second) + 1):
        log_file.write_bytes(first + second[:length])
        survives = 2 if length >= len(second) - 1 else 1  # without its end of line, the entry is still whole
        assert numbers(log_file) == list(range(1, survives + 1))
        open_log().add([0.5])
        assert numbers(log_file) == list(range(1, survives + 2)), length
        assert len(torn_lines(log_file)) == (0 < length < len(second) - 1)


def test_a_log_spoilt_at_its_end_is_still_counted_on(open_log, log_file):
    open_log().add([0.25] * 3)
    with log_file.open("ab") as file:
        file.write(b"\0" * 200_000 + b"\nno JSON\n[1]\n")
    open_log().add([0.5])
    assert numbers(log_file) == [1, 2, 3, 4]


@pytest.mark.parametrize("line", ['{"execute": null}', '{"execute": "7"}', '{"execute": [1]}', "{}", "7", "null", ""])
def test_a_file_that_is_no_log_of_ours_is_appended_to(open_log, log_file, line):
    log_file.parent.mkdir()
    log_file.write_text(line + "\n")
    open_log().add([0.5])
    assert log_file.read_text().splitlines()[0] == line
    assert json.loads(log_file.read_text().splitlines()[-1])["execute"] == 1


def test_many_threads_write_without_gap_or_duplicate(open_log, log_file):
    log = open_log()

    def write():
        for _ in range(100):
            log.add([0.25, 0.75])

    threads = [Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry["execute"] for entry in entries(log_file)] == list(range(1, 3201))


def in_the_way(log_file):
    """What may stand where the log should be: for each, how it comes and how it goes."""
    folder = log_file.parent
    return {
        "a file as the folder": (lambda: folder.write_text(""), folder.unlink),
        "a folder as the file": (lambda: log_file.mkdir(parents=True), log_file.rmdir),
    }


@pytest.mark.parametrize("what", in_the_way(Path("x/y")))
def test_a_path_that_cannot_be_written_costs_the_line_only(client, champion, log_file, caplog, what):
    come, go = in_the_way(log_file)[what]
    come()
    api = client(NAME)
    for _ in range(3):
        assert post(api, "/predict_single", EXAMPLES[0]).json()["prediction"] == 1
    assert values(api, "prediction_log_errors_total") == [3]
    assert len([record for record in caplog.records if "are not logged" in record.message]) == 1
    go()
    assert post(api, "/predict_single", EXAMPLES[0]).status_code == 200
    assert values(api, "prediction_log_errors_total") == [3]
    assert [entry["execute"] for entry in entries(log_file)] == [4]  # the gap tells that three are missing


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_costs_the_line_only(client, champion, monkeypatch, caplog):
    monkeypatch.setenv("PREDICTION_LOG_PATH", "/dev/full")
    api = client(NAME)
    assert post(api, "/predict_single", EXAMPLES[0]).json()["prediction"] == 1
    assert len(post(api, "/predict_batch", EXAMPLES).json()["batch_predictions"]) == 3
    assert values(api, "prediction_log_errors_total") == [4]
    assert len([record for record in caplog.records if "No space left" in record.message]) == 1


@POSIX_ONLY
def test_a_disk_that_becomes_full_while_writing_leaves_no_half_line(log_file):
    # The system cuts the write short at this size, as it does at the end of a disk. Then the limit goes up again.
    program = """
import resource, sys
from pathlib import Path
from titanic.prediction_log import PredictionLog, prediction_log_errors_total
log = PredictionLog(Path(sys.argv[1]), {})
log.add([0.25])
size = Path(sys.argv[1]).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size * 5 // 2, resource.RLIM_INFINITY))
log.add([0.25, 0.75, 0.5])  # there is room for one and a half
assert Path(sys.argv[1]).stat().st_size == size, "a part was left"
log.add([0.25])  # there is room for one
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.add([0.75])
print(prediction_log_errors_total._value.get())
"""
    child = subprocess.run([sys.executable, "-c", program, log_file], capture_output=True, text=True, timeout=60)
    assert child.returncode == 0, child.stderr
    assert float(child.stdout) == 3
    assert [entry["execute"] for entry in entries(log_file)] == [1, 5, 6]
    assert child.stderr.count("are not logged") == 1


@POSIX_ONLY
def test_a_pipe_that_nobody_reads_does_not_stop_the_app(module, open_log, log_file):
    log_file.parent.mkdir()
    os.mkfifo(log_file)
    (entry,) = open_log().add([0.25])
    assert entry["execute"] == 1
    assert errors(module) == 1


def test_two_workers_have_files_of_their_own(module, log_file, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "metrics")
    paths = []
    for pid in (11, 12):
        monkeypatch.setattr(os, "getpid", lambda pid=pid: pid)
        paths.append(module.log_path())
    assert paths == [log_file.with_name("predictions_11.jsonl"), log_file.with_name("predictions_12.jsonl")]
    for path in (".", "/"):  # no name to put it into
        monkeypatch.setenv("PREDICTION_LOG_PATH", path)
        module.log_path()


def seconds_for(log, lines):
    """The time that so many calls take."""
    start = time.perf_counter()
    for _ in range(lines):
        log.add([0.25])
    return time.perf_counter() - start


def test_a_line_costs_the_same_after_100_000_lines(module, tmp_path):
    short = module.PredictionLog(tmp_path / "short.jsonl", ORIGIN)
    long = module.PredictionLog(tmp_path / "long.jsonl", ORIGIN)
    long.add([0.25] * 100_000)
    ratios = []
    while not ratios or (min(ratios) > 1.5 and len(ratios) < 3):  # a busy disk can slow one measurement, not all
        costs = {short: [], long: []}
        for _ in range(15):
            (tmp_path / "short.jsonl").unlink(missing_ok=True)  # the short one begins empty each time
            for log in (short, long):
                costs[log].append(seconds_for(log, 200))
        ratios.append(statistics.median(costs[long]) / statistics.median(costs[short]))
    assert long.number >= 100_000
    assert min(ratios) <= 1.5, f"at 100,000 lines, a line costs {ratios} times as much as in an empty file"
