"""Start machines of a Ray cluster: each is what `ray start` makes, and several of them may run on this one (lesson 25).

Real machines are told the same, and in place of 127.0.0.1 their own addresses.
"""

import contextlib
import importlib.util
import logging
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from classroom.servers import ports
from classroom.servers.folders import LOGS, TOOLS
from classroom.servers.process import Server
from titanic.problem import Problem

NO_RAY = (
    "There is no Ray for this machine: for a Mac with an Intel processor, and for some rarer systems, none is made. "
    "You can read the lesson without it: its outputs are stored."
)
LONGEST = 104 - len("/ray/session_2026-11-27_23-43-40_363144_1234567/sockets/plasma_store")  # letters, so macOS says
PROCESSORS = 2  # that a machine says it has: one for a copy of the app, one for other work
STORE = 100 * 2**20  # bytes of memory for what the processes of a machine hand to each other

# Nobody is told that Ray is used. Numbers for Prometheus come each second. Several machines on one: so too on Windows.
OURS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_SERVE_LOG_TO_STDERR": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_metrics_report_interval_ms": "1000",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "1",
    # Else its newer reader puts small files together, and one machine would read all of them.
    "RAY_DATA_USE_DATASOURCE_V2": "0",
    # Else its processes step back for all others, and beside busy ones they would take minutes to start.
    "RAY_worker_niceness": "0",
    # Else the proxy gives next to all requests to the copy on its own machine, if there is one.
    "RAY_SERVE_PROXY_PREFER_LOCAL_NODE_ROUTING": "0",
    "RAY_agent_register_timeout_ms": "120000",
}

made: dict[str, str | None] = {}  # the folders of this process's clusters, and what RAY_TMPDIR was before each of them


def new_folder() -> Path:
    """A new folder for what Ray writes; in .tools, if that is short enough for the names of Ray's sockets.

    Problem: there is no Ray on this machine.
    """
    if importlib.util.find_spec("ray") is None:
        raise Problem(NO_RAY)
    TOOLS.mkdir(exist_ok=True)
    short = os.name == "nt" or len(str(TOOLS)) + len("/ray-12345678") <= LONGEST
    folder = tempfile.mkdtemp(prefix="ray-", dir=TOOLS if short else "/tmp")
    made[folder] = os.environ.get("RAY_TMPDIR")
    return Path(folder)


def delete_folders() -> None:
    """Delete the folders that this process has made for clusters, which have ended; also that of a killed head.

    RAY_TMPDIR is Ray's own variable: where somebody has set it, it names that folder again, which is not ours.
    """
    while made:
        folder, before = made.popitem()
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("RAY_TMPDIR") == folder:
            del os.environ["RAY_TMPDIR"]
            os.environ |= {} if before is None else {"RAY_TMPDIR": before}


def new_settings(folder: Path) -> dict[str, str]:
    """The variables of the environment for a new cluster, which keeps to this folder and knows its own by a secret.

    Without that secret, nobody on this machine can give the cluster work.
    """
    return OURS | {"RAY_TMPDIR": str(folder), "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": own_secret()}


@cache
def own_secret() -> str:
    """One for all clusters of this process: Ray reads it once, and would show an old one to a new cluster."""
    return secrets.token_hex(32)


class Machine(Server):
    """A machine of a cluster, until .stop() is called. .kill() is what it looks like if its plug is pulled.

    number: from 1. settings: those of the cluster. head: the first machine; without it, this one is the head.
    """

    def __init__(self, number: int, settings: dict[str, str], head: "Machine | None" = None) -> None:
        self.name = f"machine {number}"
        self.settings = settings
        self.head = head
        port = ports.free_port()
        self.address: str = head.address if head else f"127.0.0.1:{port}"  # of the cluster
        if head:
            role = ["--address", self.address, "--node-manager-port", str(port)]
        else:
            role = ["--head", "--port", str(port), "--ray-client-server-port", str(ports.free_port())]
            role += ["--include-dashboard", "false", "--no-monitor"]
        command = [
            *(sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--node-ip-address", "127.0.0.1", *role),
            *("--num-cpus", str(PROCESSORS), "--object-store-memory", str(STORE), "--include-log-monitor", "false"),
            # Any free ports: else each machine would take the same ones.
            *("--min-worker-port", "0", "--max-worker-port", "0", "--dashboard-agent-listen-port", "0"),
        ]
        super().__init__(
            port, command, settings | {"MACHINE_NAME": self.name}, log=LOGS / f"machine_{number}_{port}.log",
            then_delete=None if head else Path(settings["RAY_TMPDIR"]), replaceable=True,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """Of its first process. With it, all others of this machine end."""
        return self.process.pid

    def is_ready(self) -> bool:
        """True if it is part of the cluster."""
        return b"Ray runtime started" in self.log.read_bytes() and ports.is_taken(self.port)

    def _end(self, word: bytes = b"kill") -> None:
        """End it at once, always: what is not answered yet would wait for a cluster that may be gone."""
        super()._end(word)

    def stop(self) -> None:
        """Stop it; with the head goes what all of them have written."""
        super().stop()
        if not self.head:
            shutil.rmtree(self.settings["RAY_TMPDIR"], ignore_errors=True)


def start(count: int) -> list[Machine]:
    """Start a cluster of so many machines, the head first, and wait until all are ready.

    Problem: there is no Ray for this machine, or one does not start.
    """
    settings = new_settings(new_folder())
    machines = [started(1, settings)]
    while len(machines) < count:  # one after the other: Ray gives up on a start that takes half a minute
        machines.append(started(len(machines) + 1, settings, machines[0]))
    return machines


def started(number: int, settings: dict[str, str], head: Machine | None = None) -> Machine:
    """Start this machine, and return when it is ready. On a busy one, Ray gives up after half a minute: then again."""
    for tries_left in (5, 4, 3, 2, 1, 0):
        machine = Machine(number, settings, head)
        try:
            machine.wait_until_ready(180)
        except Problem:
            if not tries_left:
                raise
        else:
            break
    return machine


def connect(head: Machine) -> None:
    """Let this process give work to the cluster of this head."""
    # Else Ray ends this process, with all that a learner has in it, a minute after the head has died.
    os.environ.update(head.settings | {"RAY_gcs_rpc_server_reconnect_timeout_s": str(24 * 3600)})
    with without_noise():
        import ray
        import ray.data  # its logger, and that of serve, are there from now on
        import ray.serve

        for name in ("ray", "ray.serve", "ray.data"):
            logging.getLogger(name).setLevel(logging.ERROR)
        # Else Ray prints each lost machine into whatever is written at that moment; no setting forbids it.
        ray._private.worker.print_to_stdstream = lambda *_, **__: None
        ray.init(head.address, _node_ip_address="127.0.0.1", log_to_driver=False, logging_level=logging.ERROR)


@contextlib.contextmanager
def without_noise() -> Iterator[None]:
    """Let nobody see what Ray notes, nor what its own parts in C++ write: that there is no internet, for instance."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
