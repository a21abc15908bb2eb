"""Start the Prometheus server with the course's configuration, and make sure that it ends with who started it.

`python course.py monitor` runs this file; lessons use it through classroom.prometheus.
"""

import argparse
import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import requests
import yaml

import prometheus_rules
from classroom import ports
from prometheus_release import BY_HAND, ROOT, TOOLS, Problem, fetch, find, find_or_fetch

__all__ = ["PrometheusServer", "configuration", "fetch", "find", "find_or_fetch", "start"]

FOLDER = Path(__file__).resolve().parent
LOG = ROOT / "logs" / "prometheus.log"
NONE_FOUND = (
    f"There is no Prometheus on this machine yet: call python course.py monitor, which fetches it, or {BY_HAND}."
)
_started: "dict[int, PrometheusServer]" = {}


class PrometheusServer:
    """A Prometheus that answers at .url until .stop() is called, or until the process that started it ends."""

    def __init__(self, port: int, process: subprocess.Popen) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._process = process

    @property
    def targets_url(self) -> str:
        """The page of its targets. Debian's package has only the old pages, at another address."""
        page = requests.get(f"{self.url}/targets", timeout=5)
        return f"{self.url}/targets" if page.ok else f"{self.url}/classic/targets"

    def is_running(self) -> bool:
        """True until it is stopped or ends by itself."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Stop it, and return when it has written its data and its port is free."""
        _started.pop(self._port, None)
        if self.is_running():
            self._process.stdin.close()  # the watcher takes this as the sign to stop
            self._process.wait(timeout=60)
            print("Prometheus is stopped.")


def configuration(scrape_interval: str = "15s", app_port: int = 8000, own_port: int = 9090) -> str:
    """The text of prometheus.yml with this interval, for scraping and for rules, and these ports.

    scrape_interval: such as "1s" or "15s". With any other than 15s, the rules are those in the folder rules beside the
    text: see prometheus_rules.write. Problem: it is not a time.
    """
    if not re.fullmatch(r"[1-9]\d*(ms|s|m|h)", scrape_interval):
        raise Problem(f"'{scrape_interval}' is not an interval: write a whole number and a unit, such as 15s or 1m.")
    settings = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    settings["global"] = dict.fromkeys(settings["global"], scrape_interval)
    if scrape_interval == prometheus_rules.INTERVAL:
        settings["rule_files"] = [(FOLDER / pattern).as_posix() for pattern in settings["rule_files"]]
    own_ports = {"prometheus": own_port, "fastapi_app": app_port}
    for job in settings["scrape_configs"]:
        job["static_configs"][0]["targets"] = [f"127.0.0.1:{own_ports[job['job_name']]}"]
    return yaml.safe_dump(settings, sort_keys=False)


def start(
    port: int = 9090,
    app_port: int = 8000,
    scrape_interval: str = "15s",
    data_folder: Path | None = None,
    keep_data: bool = True,
) -> PrometheusServer:
    """Start the server on 127.0.0.1 and wait until it is ready. One that this process started before is replaced.

    data_folder: in .tools/prometheus-data, one for each port, unless told otherwise. keep_data: without it, the data is
    in a temporary folder, which is deleted when the server ends. Problem: there is no server, the port is taken, or
    the server does not start.
    """
    program = find()
    if program is None:
        raise Problem(NONE_FOUND)
    if not 0 < port < 65536:
        raise Problem(f"{port} is not a port: a port is a number from 1 to 65535.")
    if port in _started:
        _started[port].stop()
    if ports.is_taken(port):
        raise Problem(f"Port {port} is taken by {ports.holder(port)}: stop that first (Ctrl-C in its terminal).")
    text = configuration(scrape_interval, app_port, port)
    if not keep_data:
        data_folder = Path(tempfile.mkdtemp(prefix="unsinkable-prometheus-"))
    data_folder = (data_folder or TOOLS / "prometheus-data" / str(port)).absolute()
    data_folder.mkdir(parents=True, exist_ok=True)
    if scrape_interval != prometheus_rules.INTERVAL:
        prometheus_rules.write(data_folder / "rules", scrape_interval)
    file = data_folder / "prometheus.yml"
    file.write_text(text, encoding="utf-8")
    options = [f"--config.file={file}", f"--storage.tsdb.path={data_folder}", f"--web.listen-address=127.0.0.1:{port}"]
    watcher = ["--watch"] if keep_data else ["--then-delete", str(data_folder), "--watch"]
    server = PrometheusServer(port, launch([*watcher, str(program), *options]))
    _started[port] = server  # before waiting, so that an interrupted start is replaced by the next one
    wait_until_ready(server)
    return server


def launch(arguments: list[str]) -> subprocess.Popen:
    """Start this file as the watcher of a server. It ends when this process ends, however that happens."""
    paths = os.pathsep.join([str(FOLDER), str(ROOT / "notebooks")])
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("w") as output:
        # A session of its own: Ctrl-C and the notebook's Interrupt button must not reach the server by themselves.
        return subprocess.Popen(
            [sys.executable, "-m", "prometheus_server", *arguments],
            cwd=FOLDER, env=os.environ | {"PYTHONPATH": paths, "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip


def wait_until_ready(server: PrometheusServer, seconds: float = 60) -> None:
    """Return when the server answers; Problem with the error in its log if it ends instead."""
    deadline = time.monotonic() + seconds
    while not is_ready(server.url):
        if not server.is_running():
            raise Problem(f"Prometheus did not start: {last_error()}")
        if time.monotonic() > deadline:
            server.stop()
            raise Problem(f"Prometheus was not ready within {seconds:.0f} seconds: {last_error()}")
        time.sleep(0.05)


def is_ready(url: str) -> bool:
    """True if a Prometheus at this address is ready for questions."""
    try:
        return requests.get(f"{url}/-/ready", timeout=5).ok
    except requests.RequestException:
        return False


def last_error() -> str:
    """The last error in the server's log, or else its last line."""
    lines = LOG.read_text(encoding="utf-8", errors="replace").split("\n")
    errors = [line for line in lines if "level=error" in line.lower()] or [line for line in lines if line.strip()]
    return f"{errors[-1].strip() if errors else 'it wrote nothing'} (all of it is in logs/{LOG.name})"


def watch(command: list[str], then_delete: Path | None = None) -> int:
    """Run the server until it ends, or until the other end of the pipe on our input closes; return its exit status."""
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())

    def stop_at_end_of_input() -> None:
        os.read(0, 1)
        server.terminate()

    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    status = server.wait()
    if then_delete:
        shutil.rmtree(then_delete, ignore_errors=True)
    return status


def monitor(port: int, interval: str) -> None:
    """Find or fetch the server, start it and say where it is; stop it at Ctrl-C. Problem: it ended by itself."""
    find_or_fetch()
    server = start(port, scrape_interval=interval)
    print(f"Prometheus is running at {server.url}")
    print(f"What it watches:         {server.targets_url}")
    print(f"Its data is kept in      {TOOLS / 'prometheus-data' / str(port)}")
    print("Stop it with Ctrl-C.", flush=True)
    try:
        while server.is_running():
            time.sleep(0.2)
    except KeyboardInterrupt:
        print()
        server.stop()
    else:
        raise Problem(f"Prometheus has ended by itself: {last_error()}")


def stop_all() -> None:
    """Tell the servers to stop, when the process that started them ends in good order."""
    for server in list(_started.values()):
        server._process.stdin.close()


atexit.register(stop_all)


def main() -> int:
    """Do what the command line says; the exit status tells whether it worked."""
    parser = argparse.ArgumentParser(prog="python course.py monitor")
    parser.add_argument("--interval", default="15s")
    parser.add_argument("--port", type=int, default=9090)
    parser.add_argument("--fetch", action="store_true", help="only find or fetch the server")
    parser.add_argument("--then-delete", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--watch", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.watch:
        return watch(arguments.watch, arguments.then_delete)
    for ending in (signal.SIGINT, signal.SIGTERM):  # whoever ends us, the server is stopped first
        signal.signal(ending, signal.default_int_handler)
    try:
        if arguments.fetch:
            print(f"Prometheus is at {find_or_fetch()}")
        else:
            monitor(arguments.port, arguments.interval)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
