"""Start a cluster of machines from a notebook, and connect the notebook with it (lesson 25)."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from IPython.display import ProgressBar

from classroom.servers import ray_machine
from classroom.servers.process import started
from classroom.servers.ray_machine import Machine, without_noise

__all__ = ["add_machine", "progress", "start_machines", "stop_machines", "without_noise"]


def start_machines(count: int) -> list[Machine]:
    """Start so many machines on this one, and connect this notebook with their head, the first of them.

    Machines that this notebook started before are stopped. Problem: there is no Ray for this machine.
    """
    stop_machines()
    machines = ray_machine.start(count)
    ray_machine.connect(machines[0])
    print(f"{count} machines are running.")
    return machines


def add_machine(machines: list[Machine]) -> None:
    """Start one more machine of this cluster, and add it to the list. Problem: it does not start."""
    number = 1 + max(int(machine.name.split()[1]) for machine in machines)
    machines.append(ray_machine.started(number, machines[0].settings, machines[0]))
    print(f"{machines[-1].name} is running.")


def stop_machines() -> None:
    """Disconnect this notebook, and end all machines that it has started."""
    for machine in [server for server in started.values() if isinstance(server, Machine)][::-1]:
        machine.kill()
    if "ray" in sys.modules:
        import ray

        with without_noise():
            ray.shutdown()
    ray_machine.delete_folders()


@contextmanager
def progress(folder: Path, files: int) -> Iterator[None]:
    """Show how many of so many files are in this folder already, while the block runs."""
    bar, over = ProgressBar(files), threading.Event()
    bar.display()

    def watch() -> None:
        while not over.wait(0.2):
            bar.progress = len(list(folder.glob("*.parquet")))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        bar.progress = len(list(folder.glob("*.parquet")))
