"""Several workers and one SQLite file: each waits for the others, from the first moment on."""

import json
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
