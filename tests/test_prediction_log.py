"""The log of the predictions survives kills, full disks and wrong paths, and costs the same however long it is."""

import json
import multiprocessing
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

import endless_log
import pytest
from conftest import import_anew
from contract import entries, post, values
from waiting import until

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


def test_a_line_nested_too_deep_is_a_spoilt_line_like_others(open_log, log_file):
    open_log().add([0.25] * 3)
    with log_file.open("ab") as file:
        file.write(b"[" * 100_000 + b"\n" + b'{"a":' * 50_000 + b"\n")
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


def test_the_time_has_one_form_whatever_the_moment(module, open_log, log_file, monkeypatch):
    class Noon(datetime):
        @classmethod
        def now(cls, zone=None):
            return cls(2026, 4, 14, 12, tzinfo=zone)  # no microseconds, of which Python would then write none

    monkeypatch.setattr(module, "datetime", Noon)
    assert open_log().add([0.5])[0]["execution_time"] == "2026-04-14T12:00:00.000000+00:00"


def test_each_time_that_lines_are_lost_anew_it_is_told(open_log, log_file, monkeypatch, caplog):
    log = open_log()

    def refuse(entries):
        raise OSError("the disk is full")

    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(log.file, "append", refuse)
            log.add([0.5])
            log.add([0.5])
        log.add([0.5])
    assert caplog.text.count("Predictions are not logged: the disk is full") == 2


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
from datetime import datetime
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


class Pipe:
    """A pipe at this path, and somebody who reads from it."""

    def __init__(self, path):
        path.parent.mkdir()
        os.mkfifo(path)
        self.end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def read(self):
        """What has come since the last time."""
        return [json.loads(line) for line in os.read(self.end, 65_536).splitlines()]


@pytest.fixture
def pipe(log_file):
    pipe = Pipe(log_file)
    yield pipe
    os.close(pipe.end)


@POSIX_ONLY
def test_a_pipe_gets_each_line_and_is_opened_once(module, open_log, pipe, monkeypatch):
    monkeypatch.setenv("PREDICTION_LOG_MAX_SIZE", "1B")
    log = open_log()
    files = set()
    for _ in range(3):
        log.add([0.25, 0.75])
        files.add(log.file.file)
        log.file.day -= 1  # midnight
        log.file.trust_until = log.file.look_at = 0.0  # it looks after the file
    assert [entry["execute"] for entry in pipe.read()] == [1, 2, 3, 4, 5, 6]
    assert len(files) == 1
    assert errors(module) == 0


@POSIX_ONLY
def test_a_reader_who_stands_still_costs_lines_and_not_the_predictions(module, open_log, pipe, caplog):
    log, whole = open_log(), 20_000
    for _ in range(whole // 100):  # more than a pipe can hold
        log.add([0.25] * 100)
    lost = int(errors(module))
    assert 0 < lost < whole
    assert caplog.text.count("are not logged: nobody reads") == 1
    found = os.read(pipe.end, 10_000_000)
    log.add([0.25, 0.75])  # the pipe was never closed, and somebody reads again
    found += os.read(pipe.end, 10_000_000)
    entries = [entry for line in found.splitlines() if (entry := json_lines.entry_of(line))]
    assert [entry["execute"] for entry in entries[-2:]] == [whole + 1, whole + 2]
    assert [entry["execute"] for entry in entries[:-2]] == list(range(1, len(entries) - 1))
    assert errors(module) == lost


@POSIX_ONLY
def test_a_reader_who_is_slow_loses_nothing(module, open_log, pipe):
    log, read = open_log(), []

    def read_slowly():
        while not b"".join(read).endswith(b'"last":1}\n'):
            time.sleep(0.05)
            with suppress(BlockingIOError):
                read.append(os.read(pipe.end, 65_536))

    reader = Thread(target=read_slowly)
    reader.start()
    for _ in range(30):
        log.add([0.25] * 100)
    log.file.append([{"last": 1}])
    reader.join()
    assert [json.loads(line).get("execute") for line in b"".join(read).splitlines()] == [*range(1, 3_001), None]
    assert errors(module) == 0


@POSIX_ONLY
def test_a_log_behind_a_link_stays_where_the_link_leads(module, log_file, tmp_path, monkeypatch):
    real, far = tmp_path / "disk" / "real.jsonl", tmp_path / "far.jsonl"
    log_file.parent.mkdir()
    log_file.symlink_to(far)
    far.symlink_to(Path("disk", "real.jsonl"))
    monkeypatch.setenv("PREDICTION_LOG_MAX_SIZE", "1KB")
    monkeypatch.setenv("PREDICTION_LOG_KEEP_DAYS", "2")
    log = module.PredictionLog(module.log_path(), ORIGIN)
    for _ in range(30):
        log.add([0.25])
    assert [file.name for file in log_file.parent.iterdir()] == [log_file.name]
    files = sorted(real.parent.iterdir(), key=lambda file: (file == real, file.name))
    assert [number for file in files for number in numbers(file)] == list(range(1, 31))
    make_older(real.parent, days=3)
    log.file.delete_old()
    assert list(real.parent.iterdir()) == [real]
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    assert module.log_path() == real.with_name(f"real_{os.getpid()}.jsonl")


@POSIX_ONLY
@pytest.mark.parametrize("target", ["/dev/stdout", "/dev/null", "predictions.jsonl"])
def test_a_link_into_dev_or_to_itself_is_not_followed_for_ever(module, log_file, target):
    log_file.parent.mkdir()
    log_file.symlink_to(target)
    assert str(module.log_path()) == (target if target.startswith("/dev") else str(log_file))


@POSIX_ONLY
def test_when_the_reader_of_a_pipe_goes_the_lines_are_lost_and_not_the_predictions(module, open_log, log_file):
    pipe, log = Pipe(log_file), open_log()
    log.add([0.25])
    os.close(pipe.end)
    for number in (2, 3):
        assert log.add([0.25])[0]["execute"] == number
    assert errors(module) == 2


@POSIX_ONLY
def test_the_output_of_the_process_can_be_the_log():
    program = """
from pathlib import Path
from titanic.prediction_log import PredictionLog
log = PredictionLog(Path("/dev/stdout"), {})
for _ in range(3):
    log.add([0.25])
    log.file.day -= 1  # midnight
"""
    environment = os.environ | {"PREDICTION_LOG_DAILY": "true", "PREDICTION_LOG_MAX_SIZE": "1B"}
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, env=environment)
    assert child.stderr == ""
    assert [json.loads(line)["execute"] for line in child.stdout.splitlines()] == [1, 2, 3]


@POSIX_ONLY
@pytest.mark.parametrize("path", ["/dev/null", "/dev/stdout"])
def test_what_the_system_owns_is_never_moved(module, tmp_path, monkeypatch, path):
    monkeypatch.setenv("PREDICTION_LOG_DAILY", "true")
    moved = []
    monkeypatch.setattr(os, "replace", lambda *paths: moved.append(paths))
    output = os.dup(1)
    with (tmp_path / "output").open("ab") as file:  # /dev/stdout may lead to a file
        os.dup2(file.fileno(), 1)
        try:
            log = module.PredictionLog(Path(path), ORIGIN)
            for _ in range(3):
                log.add([0.25])
                log.file.day -= 1  # midnight
        finally:
            os.dup2(output, 1)
            os.close(output)
    log.file.close()
    assert moved == []
    assert errors(module) == 0


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


def cut_a_line_in_half(file):
    os.truncate(file, file.stat().st_size - 9)


def begin_a_line(file):
    with file.open("ab") as other:
        other.write(b'{"execute": 4, "exec')


def put_an_empty_one_in_its_place(file):
    file.rename(f"{file}.1")
    file.touch()


# What others do to the log between two lines, and the numbers that are then in it and in what was moved aside.
ALL = [1, 2, 3, 4]
HAPPENS = {
    "moved, as by logrotate": (lambda file: file.rename(f"{file}.1"), ALL),
    "moved, and an empty one put there, as by logrotate's create": (put_an_empty_one_in_its_place, ALL),
    "copied and cut, as by logrotate's copytruncate": (
        lambda file: (shutil.copy(file, f"{file}.1"), os.truncate(file, 0)), ALL,
    ),
    "its folder is moved": (lambda file: file.parent.rename(f"{file.parent}.1"), ALL),
    "deleted": (Path.unlink, [4]),
    "its folder is deleted": (lambda file: shutil.rmtree(file.parent), [4]),
    "emptied": (lambda file: os.truncate(file, 0), [4]),
    "a line is cut in half": (cut_a_line_in_half, [1, 2, 4]),
    "half a line is added": (begin_a_line, ALL),
    "another log in its place": (lambda file: file.write_text('{"execute": 10}\n'), [10, 11]),
}  # fmt: skip


@POSIX_ONLY
@pytest.mark.parametrize("what", HAPPENS)
def test_what_happens_to_the_file_is_noticed_by_the_next_line(module, open_log, log_file, what):
    happens, expected = HAPPENS[what]
    log = open_log()
    for _ in range(3):
        log.add([0.25])
    happens(log_file)
    log.add([0.5])
    files = [file for file in log_file.parent.parent.rglob("predictions.jsonl*")]
    assert sorted(number for file in files for number in numbers(file)) == expected
    assert numbers(log_file)[-1] == expected[-1]
    assert errors(module) == 0
    log.file.close()
    assert open_log().add([0.5])[0]["execute"] == expected[-1] + 1


@POSIX_ONLY
def test_a_log_that_is_moved_again_and_again_under_load_loses_nothing(module, open_log, log_file):
    log, stop = open_log(), Event()

    def write():
        while not stop.is_set():
            log.add([0.25, 0.75])

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(10):
            until(log_file.exists)
            log_file.rename(f"{log_file}.{number}")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    found = sorted(number for file in log_file.parent.iterdir() for number in numbers(file))
    assert found == list(range(1, log.number + 1))
    assert errors(module) == 0


def test_a_log_that_is_full_is_moved_aside_and_counted_on(open_log, log_file, monkeypatch):
    monkeypatch.setenv("PREDICTION_LOG_MAX_SIZE", "1KB")
    log = open_log()
    for number in range(1, 21):
        log.add([0.25])
        if number == 10:
            log.file.close()
            log = open_log()
    files = sorted(log_file.parent.iterdir(), key=lambda file: (file == log_file, file.name))
    assert [number for file in files for number in numbers(file)] == list(range(1, 21))
    assert all(re.fullmatch(r"predictions\.\d{8}-\d{6}-\d{6}\.jsonl", file.name) for file in files[:-1])
    assert len(files) > 3
    assert max(file.stat().st_size for file in files) < 1_300


def make_older(folder, days):
    """Let all files of this folder seem to be last written so many days ago."""
    for file in folder.iterdir():
        os.utime(file, (0, file.stat().st_mtime - 86_400 * days))


def test_each_day_has_a_file_of_its_own(open_log, log_file, monkeypatch):
    monkeypatch.setenv("PREDICTION_LOG_DAILY", "true")
    log = open_log()
    for _ in range(2):
        log.add([0.25])
        log.file.day -= 1  # midnight
    log.add([0.25])
    assert numbers(log_file) == [3]
    log.file.close()
    make_older(log_file.parent, days=1)
    log = open_log()
    log.add([0.25] * 2)
    log.add([0.25])
    files = sorted(log_file.parent.iterdir(), key=lambda file: (file == log_file, file.name))
    assert [numbers(file) for file in files] == [[1], [2], [3], [4, 5, 6]]


# What others do to a log in the moment when it is over, and the numbers that are then in the file.
OVER_AND = {
    "moved": (lambda file: file.rename(f"{file}.1"), [2]),
    "moved, and an empty one put there": (put_an_empty_one_in_its_place, [2]),
    "moved, and a full one put there": (
        lambda file: (file.rename(f"{file}.1"), file.write_text('{"execute": 9}\n')), [10],
    ),
    "deleted": (Path.unlink, [2]),
}  # fmt: skip


@POSIX_ONLY
@pytest.mark.parametrize("what", OVER_AND)
def test_a_log_that_somebody_moves_when_it_is_over_goes_on_beginning_new_files(open_log, log_file, monkeypatch, what):
    happens, expected = OVER_AND[what]
    monkeypatch.setenv("PREDICTION_LOG_DAILY", "true")
    monkeypatch.setenv("PREDICTION_LOG_MAX_SIZE", "1KB")
    log, now = open_log(), time.time()
    log.add([0.25])
    monkeypatch.setattr(time, "time", lambda: now + 86_400)
    happens(log_file)
    log.add([0.25])
    assert numbers(log_file) == expected
    assert all(numbers(file) for file in log_file.parent.iterdir()), "an empty file was moved aside"
    monkeypatch.setattr(time, "time", lambda: now + 2 * 86_400)
    log.add([0.25] * 9)
    assert numbers(log_file) == list(range(expected[0] + 1, expected[0] + 10))
    log.add([0.25])
    assert numbers(log_file) == [expected[0] + 10]  # it was full


def test_a_log_that_goes_in_the_moment_when_it_is_moved_aside_goes_on(open_log, log_file, monkeypatch, caplog):
    monkeypatch.setenv("PREDICTION_LOG_MAX_SIZE", "1B")
    log = open_log()
    log.add([0.25])

    def too_late(*paths):
        raise FileNotFoundError("somebody was faster")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", too_late)
        log.add([0.25])
    log.add([0.25])
    assert numbers(log_file) == [3]
    assert caplog.text == ""


def test_old_files_of_the_log_are_deleted_and_no_others(open_log, log_file, monkeypatch):
    monkeypatch.setenv("PREDICTION_LOG_KEEP_DAYS", "2")
    old = ["predictions.20260101-000000-000000.jsonl", "predictions_8.jsonl", "predictions_20260101_000000.jsonl",
           "predictions.jsonl.1", "predictions.jsonl-20260101", "predictions_8.jsonl.2"]  # fmt: skip
    strangers = ["predictions_old.jsonl", "passengers.jsonl", "predictions.jsonl.bak"]
    log_file.parent.mkdir()
    for name in old + strangers:
        log_file.with_name(name).write_text('{"execute": 7}\n')
    log_file.with_name("predictions_9.jsonl").write_text('{"Age": 24}\n')  # no prediction
    make_older(log_file.parent, days=1.9)
    open_log().add([0.25])
    assert len(list(log_file.parent.iterdir())) == 11
    make_older(log_file.parent, days=0.2)
    open_log().add([0.25])
    assert {file.name for file in log_file.parent.iterdir()} == {log_file.name, "predictions_9.jsonl", *strangers}
    assert numbers(log_file) == [8, 9]  # it has counted on


def test_a_folder_that_may_not_be_listed_does_not_begin_the_numbers_anew(open_log, log_file, monkeypatch):
    def refuse(folder):
        raise PermissionError("this folder is not yours")

    monkeypatch.setattr(Path, "iterdir", refuse)
    monkeypatch.setenv("PREDICTION_LOG_KEEP_DAYS", "1")
    for expected in (1, 2, 3):
        log = open_log()
        assert log.add([0.25])[0]["execute"] == expected
        log.file.close()


@POSIX_ONLY
def test_a_full_log_that_cannot_be_moved_aside_goes_on_growing(module, open_log, log_file, monkeypatch, caplog):
    monkeypatch.setenv("PREDICTION_LOG_MAX_SIZE", "300B")

    def refuse(*paths):
        raise PermissionError("this folder is not yours")

    monkeypatch.setattr(os, "replace", refuse)
    log = open_log()
    for _ in range(9):
        log.add([0.25])
    assert numbers(log_file) == list(range(1, 10))
    assert errors(module) == 0
    assert len([record for record in caplog.records if "this folder is not yours" in record.message]) == 1


@POSIX_ONLY
@pytest.mark.parametrize("setting", [("PREDICTION_LOG_MAX_SIZE", "300B"), ("PREDICTION_LOG_DAILY", "true")])
def test_a_log_that_cannot_be_moved_aside_is_moved_later(open_log, log_file, monkeypatch, setting):
    monkeypatch.setenv(*setting)
    log = open_log()
    log.add([0.25] * 3)
    log.file.close()
    make_older(log_file.parent, days=1)
    tries = []

    def refuse(*paths):
        tries.append(paths)
        raise PermissionError("this folder is not yours")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        log = open_log()
        for _ in range(3):
            log.add([0.25])
        assert len(tries) == 1  # not at each line
        log.file.day -= 1  # since then, no line has come
    log.file.not_before = 0.0  # a minute is over
    log.add([0.25])
    assert numbers(log_file) == [7]


@pytest.mark.parametrize("end", [".1", "-20261128", "-2026-11-28", "-20261128-10", ".2026_11_28"])
def test_whatever_logrotate_calls_the_old_file_the_app_counts_on(open_log, log_file, end):
    log_file.parent.mkdir()
    log_file.with_name(log_file.name + end).write_text('{"execute": 7}\n')
    assert open_log().add([0.25])[0]["execute"] == 8


def test_a_log_that_another_process_writes_is_left_to_it(open_log, log_file, caplog):
    processes = multiprocessing.get_context("spawn")
    receiver, sender = processes.Pipe(duplex=False)
    child = processes.Process(target=endless_log.write, args=[log_file, sender])
    child.start()
    receiver.recv()  # it has begun
    log = open_log()
    log.add([0.25, 0.75])
    assert numbers(log_file.with_name(f"predictions_{os.getpid()}.jsonl")) == [1, 2]
    assert "writes to" in caplog.text
    child.kill()  # a lock of the dead must not stay
    child.join()
    found = numbers(log_file)
    assert found == list(range(1, len(found) + 1))
    assert open_log().add([0.5])[0]["execute"] == len(found) + 1


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


def test_to_look_after_the_file_costs_next_to_nothing(module, tmp_path, monkeypatch):
    class Careless(module.RotatingAppender):
        def must_open(self):
            return self.file is None

    careful = module.PredictionLog(tmp_path / "careful.jsonl", ORIGIN)
    monkeypatch.setattr(module, "RotatingAppender", Careless)
    careless = module.PredictionLog(tmp_path / "careless.jsonl", ORIGIN)
    ratios = []
    while not ratios or (min(ratios) > 1.05 and len(ratios) < 5):
        costs = {careful: [], careless: []}
        for turn in range(30):
            for log in (careful, careless) if turn % 2 else (careless, careful):
                costs[log].append(seconds_for(log, 200))
        ratios.append(statistics.median(costs[careful]) / statistics.median(costs[careless]))
    assert min(ratios) <= 1.05, f"to look for what happened to the file makes a line cost {ratios} times as much"
