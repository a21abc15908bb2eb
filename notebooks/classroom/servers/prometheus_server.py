"""Start the Prometheus server with the course's configuration.

`python course.py monitor` and lessons use it, the latter through classroom.prometheus. Run as a program, this file only
finds or fetches the server.
"""

import re
import sys
import tempfile
from pathlib import Path

import requests
import yaml

from classroom.servers import prometheus_rules
from classroom.servers.folders import PROMETHEUS, TOOLS
from classroom.servers.process import Server, make_room
from classroom.servers.prometheus_release import BY_HAND, fetch, find, find_or_fetch
from titanic.problem import Problem

__all__ = ["PrometheusServer", "configuration", "fetch", "find", "find_or_fetch", "start"]

NONE_FOUND = (
    f"There is no Prometheus on this machine yet: call python course.py monitor, which fetches it, or {BY_HAND}."
)


class PrometheusServer(Server):
    """A Prometheus that answers at .url until .stop() is called, or until the process that started it ends."""

    name = "Prometheus"
    ready_page = "/-/ready"

    @property
    def targets_url(self) -> str:
        """The page of its targets. Debian's package has only the old pages, at another address."""
        page = requests.get(f"{self.url}/targets", timeout=5)
        return f"{self.url}/targets" if page.ok else f"{self.url}/classic/targets"


def configuration(scrape_interval: str = "15s", app_port: int = 8000, own_port: int = 9090) -> str:
    """The text of prometheus.yml with this interval, for scraping and for rules, and these ports.

    scrape_interval: such as "1s" or "15s". With any other than 15s, the rules are those in the folder rules beside the
    text: see prometheus_rules.write. Problem: it is not a time.
    """
    if not re.fullmatch(r"[1-9]\d*(ms|s|m|h)", scrape_interval):
        raise Problem(f"'{scrape_interval}' is not an interval: write a whole number and a unit, such as 15s or 1m.")
    settings = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    settings["global"] = dict.fromkeys(settings["global"], scrape_interval)
    if scrape_interval == prometheus_rules.INTERVAL:
        settings["rule_files"] = [(PROMETHEUS / pattern).as_posix() for pattern in settings["rule_files"]]
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
    make_room(port)
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
    server = PrometheusServer(
        port,
        [str(program), *options],
        then_delete=None if keep_data else data_folder,
        replaceable=not keep_data,  # one that keeps its data is that of a terminal, which no notebook may stop
    )
    server.wait_until_ready()
    return server


if __name__ == "__main__":
    try:
        print(f"Prometheus is at {find_or_fetch()}")
    except (Problem, KeyboardInterrupt) as problem:
        sys.exit(str(problem) or "\nStopped.")
