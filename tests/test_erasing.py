"""What the login app keeps: whose it is can be traced by the key only, one person is erased, and what is old goes."""

import bz2
import gzip
import lzma
import os
import re
import shutil
import sqlite3
import stat
import threading
import time
from datetime import UTC, datetime

import pytest
from contract import entries
from guests import CAPTAIN, MACHINE, ROSE, TRACE_KEY, holding

from login import erasing, keeping
from login.asked_log import AskedLine, AskedLog, open_log, pseudonym
from login.kept_page import stores
from login.waiting import ErasablePending, WaitingRow, prediction_ids
from titanic import json_lines, renaming

ORIGIN = {"experiment_id": "1", "run_id": "a"}
MARK = pseudonym(ROSE, TRACE_KEY)
DAY = 86_400
PREDICTION = b'{"execute":7}\n'


@pytest.fixture
def log(tmp_path):
    log = AskedLog(tmp_path / "asked.jsonl", ORIGIN, TRACE_KEY)
    yield log
    log.file.close()


@pytest.fixture
def pending(tmp_path):
    pending = ErasablePending(tmp_path / "outcomes.sqlite3", 1_000_000)
    yield pending
    pending.close()


def ask(log, pending, name, request_id, count=1):
    pending.note(request_id, [0.8] * count)
    log.note(name, request_id, [0.8] * count)


def age(path, days):
    """Make a file so old; when it was written, in nanoseconds."""
    then = time.time_ns() - int(days * DAY) * 10**9
    os.utime(path, ns=(then, then))
    return path.stat().st_mtime_ns


def rows(path):
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT prediction_id FROM prediction").fetchall()


# Whose it is


def test_only_the_key_traces_a_pseudonym():
    assert re.fullmatch("[0-9a-f]{32}", MARK)
    assert pseudonym(ROSE, TRACE_KEY) == MARK
    assert len({MARK, pseudonym(CAPTAIN, TRACE_KEY), pseudonym(ROSE, "u" * 32)}) == 3


def test_a_line_and_a_row_hold_what_the_page_says_and_no_name(log, pending, tmp_path):
    ask(log, pending, ROSE, "r1", 2)
    lines = entries(tmp_path / "asked.jsonl")
    assert [list(line) for line in lines] == [list(AskedLine.model_fields)] * 2
    assert [AskedLine.model_validate(line).asked_by for line in lines] == [MARK] * 2
    with sqlite3.connect(pending.path) as connection:
        names = [column[1] for column in connection.execute("PRAGMA table_info(prediction)")]
    assert names == list(WaitingRow.model_fields)
    assert holding(ROSE, tmp_path) == []


def test_each_field_of_the_page_has_a_meaning():
    for store in stores(30):
        assert all(len(meaning) > 9 for meaning in store.fields().values()), store.title
        assert len(store.fields()) == len(store.model.model_fields)


# Erase


def test_one_person_is_erased_from_every_file_and_all_else_stays(log, pending, tmp_path):
    for number, name in enumerate([ROSE, CAPTAIN, ROSE, MACHINE]):
        ask(log, pending, name, f"request{number}", 3)
    log.file.close()
    lines = (tmp_path / "asked.jsonl").read_bytes()
    of_others = [line for line in lines.splitlines() if MARK.encode() not in line]
    assert len(of_others) == 6
    names = ["asked.20260101-101010-123456.jsonl", "asked_20260102_101010.jsonl", "asked_20260102_101010_4711.jsonl",
             "asked.jsonl.1", "asked.jsonl-20260103", "asked_99.jsonl.2", "asked.jsonl-2026-11-28",
             "asked.jsonl-20261128-10", "asked-20260105.jsonl", "asked.4.jsonl"]  # fmt: skip
    for name in names:
        (tmp_path / name).write_bytes(lines)
    packed = {"asked.jsonl.3.gz": gzip, "asked.jsonl-20260104.gz": gzip, "asked.jsonl-2026-11-27.gz": gzip,
              "asked.jsonl.5.xz": lzma, "asked.6.jsonl.bz2": bz2}  # fmt: skip
    for name, kind in packed.items():
        (tmp_path / name).write_bytes(kind.compress(lines))
    torn = lines[: lines.rindex(b'"request_id"')] + lines[: lines.index(b'"request_id"') + 18]  # both end torn
    (tmp_path / "asked_77.jsonl").write_bytes(torn)
    old = {file: age(file, 9) for file in tmp_path.glob("asked*")}

    done = erasing.erase(ROSE, log, pending)

    assert (done.files, done.predictions, done.not_searched) == (17, 6, [])
    assert done.lines == 16 * 6 + torn.count(MARK.encode())
    assert holding(MARK, tmp_path) == holding("request0", tmp_path) == holding("request2", tmp_path) == []
    assert {file: file.stat().st_mtime_ns for file in old} == old
    for name in names:
        content = (tmp_path / name).read_bytes()
        assert len(content) == len(lines)
        assert [line for line in content.splitlines() if line.strip()] == of_others
    for name, kind in packed.items():
        assert kind.decompress((tmp_path / name).read_bytes()).splitlines() == of_others, name
    assert len(list(json_lines.read(tmp_path / "asked.jsonl"))) == 6
    assert sorted(rows(pending.path)) == sorted(
        (one,) for request in ("request1", "request3") for one in prediction_ids(request, 3)
    )
    again = erasing.erase(ROSE, log, pending)
    assert (again.lines, again.predictions, again.files) == (0, 0, 17)


def test_the_tally_of_those_who_wait_stays_right(log, pending):
    ask(log, pending, ROSE, "r1", 3)
    ask(log, pending, CAPTAIN, "r2", 2)
    list(pending.match([("r1-0", 1), ("r2-0", 0)]))
    erasing.erase(ROSE, log, pending)
    with sqlite3.connect(pending.path) as connection:
        assert connection.execute("SELECT waiting FROM tally").fetchall() == [(1,)]
        assert connection.execute("SELECT count(*) FROM prediction WHERE waits").fetchall() == [(1,)]


def test_a_request_whose_id_begins_alike_is_not_erased(log, pending):
    ask(log, pending, ROSE, "abc")
    ask(log, pending, CAPTAIN, "abcd")
    erasing.erase(ROSE, log, pending)
    assert rows(pending.path) == [("abcd-0",)]


def test_a_file_that_cannot_be_read_is_named(log, pending, tmp_path):
    ask(log, pending, ROSE, "r1")
    whole = gzip.compress((tmp_path / "asked.jsonl").read_bytes())
    (tmp_path / "asked.jsonl.1.gz").write_bytes(whole[:-12])
    unreadable = ["asked.jsonl.1.gz", "asked.jsonl.2.gz", "asked.jsonl.3.xz", "asked.jsonl.4.bz2", "asked.jsonl.5.zst"]
    for name in unreadable[1:]:
        (tmp_path / name).write_bytes(b"not compressed")
    done = erasing.erase(ROSE, log, pending)
    assert sorted(done.not_searched) == unreadable
    assert (done.lines, done.predictions, done.files) == (1, 1, 1)
    assert list(tmp_path.glob("*.unfinished")) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipe")
def test_a_pipe_is_not_waited_for_but_named(log, pending, tmp_path):
    ask(log, pending, ROSE, "r1")
    os.mkfifo(tmp_path / "asked.jsonl.1")
    done = erasing.erase(ROSE, log, pending)
    assert (done.lines, done.not_searched) == (1, ["asked.jsonl.1"])


def test_a_file_that_cannot_be_written_anew_stays_and_leaves_no_copy(log, pending, tmp_path, monkeypatch):
    def refuse(*names):
        raise OSError("there is no space left on the disk")

    ask(log, pending, ROSE, "r1")
    packed = tmp_path / "asked.jsonl.1.gz"
    packed.write_bytes(before := gzip.compress((tmp_path / "asked.jsonl").read_bytes()))
    packed.chmod(0o640)
    with monkeypatch.context() as patch:
        patch.setattr(renaming, "rename", refuse)
        assert erasing.erase(ROSE, log, pending).not_searched == [packed.name]
    assert packed.read_bytes() == before
    assert list(tmp_path.glob("*.unfinished")) == []
    assert erasing.erase(ROSE, log, pending).not_searched == []
    assert gzip.decompress(packed.read_bytes()) == b""
    assert os.name == "nt" or stat.S_IMODE(packed.stat().st_mode) == 0o640  # whom it was for may read it still


def test_what_a_crash_has_left_goes(log, pending, tmp_path):
    left, in_use = tmp_path / "asked.jsonl.1.gz.abc.unfinished", tmp_path / "asked.jsonl.2.gz.def.unfinished"
    for delete in (lambda: erasing.erase(ROSE, log, pending), lambda: keeping.delete_old(log, pending, 30)):
        for file in (left, in_use):
            file.write_bytes(MARK.encode())
        age(left, 0.001)
        delete()
        assert (left.exists(), in_use.exists()) == (False, True)


def test_other_files_are_not_touched(log, pending, tmp_path):
    ask(log, pending, ROSE, "r1")
    others = ["asked_by_letter.jsonl", "tasked.jsonl", "asked.jsonl.bak", "predictions.jsonl", "asked.txt"]
    for name in others:
        shutil.copy(tmp_path / "asked.jsonl", tmp_path / name)
    erasing.erase(ROSE, log, pending)
    assert sorted(holding(MARK, tmp_path)) == sorted(others)


def test_while_the_app_writes_and_begins_new_files_nothing_else_is_lost(log, pending, tmp_path):
    log.file.max_size = 20_000  # about 70 lines, then the next file
    stop = threading.Event()

    def go_on():
        number = 0
        while not stop.is_set():
            number += 1
            for name in (MACHINE, ROSE):
                ask(log, pending, name, f"{name}{number}")

    writer = threading.Thread(target=go_on)
    writer.start()
    deadline = time.monotonic() + 60
    erased = 0
    while (erased < 500 or len(list(tmp_path.glob("asked*"))) < 8) and time.monotonic() < deadline:
        erased += erasing.erase(ROSE, log, pending).lines
    stop.set()
    writer.join()
    erased += erasing.erase(ROSE, log, pending).lines
    assert erased >= 500
    assert holding(MARK, tmp_path) == []
    lines = [line for file in tmp_path.glob("asked*") for line in entries_of(file)]
    assert sorted(line["execute"] for line in lines) == list(range(1, log.number, 2))  # each second one was Rose's
    assert len(rows(pending.path)) == len(lines)
    assert log.file.path.stat().st_size == log.file.size  # the app has noticed nothing


def entries_of(file):
    """The entries; a line that is neither empty nor whole fails."""
    content = [line for line in file.read_bytes().splitlines() if line.strip()]
    found = list(json_lines.read(file))
    assert len(found) == len(content)
    return found


# What is old


def test_what_is_older_than_the_page_says_is_deleted(log, pending, tmp_path):
    ask(log, pending, ROSE, "r1", 2)
    with sqlite3.connect(pending.path) as connection:
        connection.execute("UPDATE prediction SET made_at = made_at - ? WHERE prediction_id = 'r1-0'", [31 * DAY])
    names = {"asked.20260101-101010-123456.jsonl": 31, "asked.jsonl.1.gz": 31, "asked_20260102_101010.jsonl": 29,
             "predictions.jsonl": 99, "asked.txt": 99}  # fmt: skip
    for name, days in names.items():
        (tmp_path / name).write_bytes(gzip.compress(PREDICTION) if name.endswith("gz") else PREDICTION)
        age(tmp_path / name, days)
    keeping.delete_old(log, pending, 30)
    left = {file.name for file in tmp_path.iterdir()} - {
        "outcomes.sqlite3",
        "outcomes.sqlite3-wal",
        "outcomes.sqlite3-shm",
    }
    assert left == {"asked.jsonl", "asked_20260102_101010.jsonl", "predictions.jsonl", "asked.txt"}
    assert rows(pending.path) == [("r1-1",)]


def test_a_file_whose_name_is_alike_is_deleted_only_if_predictions_are_in_it(log, pending, tmp_path):
    ends = {"_1912.jsonl": bytes, ".1912.jsonl": bytes, "_2024_01.jsonl.gz": gzip.compress,
            ".jsonl-2026-11-28.xz": lzma.compress, ".jsonl.3.bz2": bz2.compress}  # fmt: skip
    passengers = b'{"Name": "Rose", "Age": 17}\n'
    for content, stays in ((passengers, True), (b"[]\n" + PREDICTION, False), (b"  \n  \n", False)):
        for end, compress in ends.items():
            file = tmp_path / f"asked{end}"
            file.write_bytes(compress(content))
            age(file, 31)
        keeping.delete_old(log, pending, 30)
        assert {file.name for file in tmp_path.iterdir()} == {f"asked{end}" for end in ends if stays}


def test_what_cannot_be_read_is_deleted_if_it_has_the_name_of_the_log_and_else_named(log, pending, tmp_path, caplog):
    for name in ("asked.jsonl.1.zst", "asked.jsonl-2026-11-28.gz", "asked_1912.jsonl.1.zst"):
        (tmp_path / name).write_bytes(b"not readable")
        age(tmp_path / name, 31)
    keeping.delete_old(log, pending, 30)
    assert [file.name for file in tmp_path.iterdir()] == ["asked_1912.jsonl.1.zst"]
    assert "asked_1912.jsonl.1.zst is old, and cannot be read" in caplog.text


def test_a_file_of_another_day_grows_old_also_if_nobody_asks(log, pending, tmp_path):
    ask(log, pending, ROSE, "r1")
    log.file.day -= 1  # it was begun yesterday
    age(tmp_path / "asked.jsonl", 1)
    keeping.delete_old(log, pending, 30)
    (aside,) = tmp_path.glob("asked.*-*.jsonl")
    assert len(entries(aside)) == 1
    age(aside, 31)
    keeping.delete_old(log, pending, 30)
    assert not aside.exists()
    ask(log, pending, ROSE, "r2")
    assert [line["execute"] for line in entries(tmp_path / "asked.jsonl")] == [2]


def test_a_file_of_an_earlier_start_grows_old_also_if_nobody_asks(log, pending, tmp_path):
    (tmp_path / "asked.jsonl").write_bytes(PREDICTION)
    age(tmp_path / "asked.jsonl", 31)
    keeping.delete_old(log, pending, 30)
    assert [file.read_bytes() for file in tmp_path.glob("asked*")] == [b""]


def test_without_a_prediction_nothing_is_made(log, pending, tmp_path):
    keeping.delete_old(log, pending, 30)
    erasing.erase(ROSE, log, pending)
    assert list(tmp_path.iterdir()) == []


def test_thirty_days_unless_told_otherwise(monkeypatch):
    assert keeping.days() == 30
    monkeypatch.setenv("PREDICTION_LOG_KEEP_DAYS", "2.5")
    assert keeping.days() == 2.5


def test_by_itself_it_takes_a_path_that_lesson_11_does_not_have(monkeypatch):
    monkeypatch.delenv("PREDICTION_LOG_PATH", raising=False)
    path = open_log(TRACE_KEY, has_model=False).file.path
    assert re.fullmatch(rf"asked_predictions_{datetime.now(UTC):%Y}\d{{4}}_\d{{6}}\.jsonl", path.name)
    name = f"{path.parent}/predictions_20260101_101010.jsonl"
    assert not path.exists()
    assert name not in map(str, erasing.files_of(path))
