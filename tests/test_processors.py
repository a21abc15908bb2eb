"""How many processors the app may use: those of the machine, or what the system or a container leaves of them."""

import asyncio
import os
import subprocess
import sys
import threading

import pytest

from titanic import golden_signals, processors

# Keeps one processor, works for a moment, and prints what the metric says, and what it should say.
PROGRAM = """
import os, time
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from titanic import golden_signals as signals
signals.measure()
wall, own = time.perf_counter(), time.process_time()
while time.process_time() < own + 0.3:
    pass
signals.measure()
share = 100 * (time.process_time() - own) / (time.perf_counter() - wall)
print(signals.cpu_usage_percent._value.get(), share)
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot keep a process to some processors")
def test_the_metric_is_the_share_of_the_processors_that_the_app_may_use():
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    metric, share = map(float, said.split())
    assert metric == pytest.approx(share, rel=0.25)


def test_a_moment_without_free_files_does_not_stop_the_measuring(monkeypatch, caplog):
    answers = iter([OSError(24, "Too many open files")] * 3 + [None])
    measured = threading.Event()

    def measure():
        if error := next(answers, None):
            raise error
        measured.set()

    async def run():
        async with golden_signals.lifespan(None):
            assert await asyncio.to_thread(measured.wait, 30)

    monkeypatch.setattr(golden_signals, "measure", measure)
    asyncio.run(run())
    (warning,) = [record.getMessage() for record in caplog.records if record.name == "titanic.signals"]
    assert "Too many open files" in warning


GROUPS = {
    "version 2": ("0::/app", {"app/cpu.max": "50000 100000"}, 0.5),
    "version 2, no limit": ("0::/app", {"app/cpu.max": "max 100000", "cpu.max": "max 100000"}, 999),
    "version 2, the limit of a group around it": (
        "0::/a/b/c",
        {"a/cpu.max": "150000 100000", "a/b/c/cpu.max": "max 1"},
        1.5,
    ),
    "version 2, in a container": ("0::/", {"cpu.max": "200000 100000"}, 2),
    "version 1": ("4:cpu:/app", {"cpu/app/cpu.cfs_quota_us": "25000", "cpu/app/cpu.cfs_period_us": "100000"}, 0.25),
    "version 1, no limit": ("4:cpu:/", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 999),
    "version 1, in a container": (
        "5:memory:/docker/1\n4:cpu,cpuacct:/docker/1",
        {"cpu,cpuacct/cpu.cfs_quota_us": "100000", "cpu,cpuacct/cpu.cfs_period_us": "50000"},
        2,
    ),
    "nothing is known": ("", {}, 999),
}


@pytest.mark.parametrize("case", GROUPS)
def test_a_limit_of_a_container_counts(case, tmp_path, monkeypatch):
    own, files, expected = GROUPS[case]
    monkeypatch.setattr(processors, "OWN_GROUPS", tmp_path / "own")
    monkeypatch.setattr(processors, "ALL_GROUPS", tmp_path / "all")
    (tmp_path / "own").write_text(own)
    for name, text in files.items():
        (tmp_path / "all" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "all" / name).write_text(text + "\n")
    assert min([999, *processors.quotas()]) == expected


def test_a_system_without_such_groups_has_all_its_processors(tmp_path, monkeypatch):
    monkeypatch.setattr(processors, "OWN_GROUPS", tmp_path / "none")
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert processors.usable() == os.cpu_count()
