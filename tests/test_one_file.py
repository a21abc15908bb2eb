"""Several workers and one SQLite file: each waits for the others, from the first moment on."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from collector import registration
from collector.store import Store
from titanic.pending import Pending, Waiting
from titanic.write_ahead import use_write_ahead_log

PROFILE = {
    "metrics": {"m": 1.0},
    "config": {"space": "titanic", "name": "n", "alert_config": {"alert_conditions": None}},
}
OPEN = """
import sys, time
from pathlib import Path
from collector.store import Store
from titanic.pending import Pending
print("ready", flush=True)
for folder in sys.stdin.read().split():
    while time.time() % 0.05 > 0.01:  # all of them at the same moment
        pass
    Store(Path(folder, "store")).close()
    pending = Pending(Path(folder, "pending"), 10)
    pending.opened()
    pending.close()
"""
USE = """
import sys
from pathlib import Path
from collector.store import Store
from titanic.pending import Pending, Waiting
store, pending = Store(Path("store")), Pending(Path("pending"), 10)
for line in sys.stdin:
    with store.reading() as connection:
        connection.execute("SELECT * FROM profile").fetchall()
    pending.add([Waiting(line.strip(), 0.5, None)])
    print(pending.newest(10), flush=True)
"""


def test_the_switch_waits_for_whoever_has_the_file(tmp_path):
    with (
        closing(sqlite3.connect(tmp_path / "file", check_same_thread=False)) as other,
        closing(sqlite3.connect(tmp_path / "file", timeout=0)) as own,
    ):
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            own.execute("PRAGMA journal_mode = WAL")
        end = threading.Timer(0.3, other.rollback)
        end.start()
        use_write_ahead_log(own)
        end.join()
        assert own.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_is_no_database_is_told_at_once(tmp_path):
    (tmp_path / "file").write_text("no database, " * 100)
    with closing(sqlite3.connect(tmp_path / "file")) as own, pytest.raises(sqlite3.DatabaseError, match="not a databa"):
        use_write_ahead_log(own)


def test_workers_that_begin_at_the_same_moment_all_get_the_new_file(tmp_path):
    folders = [tmp_path / str(number) for number in range(20)]
    for folder in folders:
        folder.mkdir()
    command, pipe = [sys.executable, "-c", OPEN], subprocess.PIPE
    workers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(4)]
    for worker in workers:
        worker.stdout.readline()
    for worker in workers:
        worker.stdin.write("\n".join(map(str, folders)))
        worker.stdin.close()
    assert [(worker.wait(), worker.stderr.read()) for worker in workers] == [(0, "")] * 4
    for worker in workers:
        worker.stdout.close()
        worker.stderr.close()


@pytest.fixture
def worker(tmp_path):
    """Another worker, which has both files open. ask(id) lets it store a prediction; what it then finds."""
    worker = subprocess.Popen([sys.executable, "-c", USE], stdin=-1, stdout=-1, text=True, cwd=tmp_path)

    def ask(prediction_id):
        worker.stdin.write(f"{prediction_id}\n")
        worker.stdin.flush()
        return json.loads(worker.stdout.readline())

    with worker:
        yield ask


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no file that a process has open")
def test_a_file_is_made_anew_while_another_worker_still_has_the_one_that_was_deleted(tmp_path, worker):
    with closing(Pending(tmp_path / "pending", 10)) as pending:
        pending.add([Waiting("a", 0.1, None)])
        assert worker("b") == [0.1, 0.5]
        for name in ("pending", "store"):
            assert (tmp_path / f"{name}-shm").exists()
            (tmp_path / name).unlink()
        pending.add([Waiting("c", 0.2, None)])
        assert pending.newest(10) == [0.2]
        with closing(Store(tmp_path / "store")) as store, store.writing() as connection:
            connection.execute("INSERT INTO message VALUES ('1')")
        assert (tmp_path / "store").stat().st_size > 0


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no file that a process has open")
def test_the_other_worker_then_goes_on_in_the_new_file(tmp_path, worker):
    with closing(Pending(tmp_path / "pending", 10)) as pending:
        worker("a")
        (tmp_path / "pending").unlink()
        pending.add([Waiting("b", 0.1, None)])
        assert worker("c") == [0.1, 0.5]
        pending.add([Waiting("d", 0.2, None)])
        assert worker("e") == [0.1, 0.5, 0.2, 0.5]


def test_two_workers_that_register_a_profile_at_once_make_two_versions(tmp_path, monkeypatch):
    next_version = registration.next_version

    def slow(*arguments):
        version = next_version(*arguments)
        time.sleep(0.2)
        return version

    monkeypatch.setattr(registration, "next_version", slow)
    request = registration.ProfileRequest(space="titanic", drift_type="Custom", profile=json.dumps(PROFILE))

    def register(store):
        with store.writing() as connection:
            return registration.register(connection, request).version

    stores = [Store(tmp_path / "collector.sqlite3") for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        assert sorted(pool.map(register, stores)) == ["0.1.0", "0.2.0"]
    for store in stores:
        store.close()
