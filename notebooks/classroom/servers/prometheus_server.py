"""Start the Prometheus server with prometheus/prometheus.yml, as the user has written it.

`python course.py monitor` and lessons use it, the latter through classroom.prometheus. Run as a program, this file only
finds or fetches the server.
"""

import sys
from pathlib import Path

import requests

from classroom.servers import prometheus_rules
from classroom.servers.folders import TOOLS
from classroom.servers.process import Server, logfmt_error, make_room
from classroom.servers.prometheus_configuration import Configuration
from classroom.servers.prometheus_release import PROMETHEUS, fetch, find, find_or_fetch
from classroom.servers.temporary import folder_to_delete
from titanic.problem import Problem

__all__ = ["PrometheusServer", "fetch", "find", "find_or_fetch", "start"]

NONE_FOUND = PROMETHEUS.none_found


class PrometheusServer(Server):
    """A Prometheus that answers at .url until .stop() is called, or until the process that started it ends."""

    name = "Prometheus"
    usual_port = 9090
    ready_page = "/-/ready"

    @property
    def targets_url(self) -> str:
        """The page of its targets. Debian's package has only the old pages, at another address."""
        page = requests.get(f"{self.url}/targets", timeout=5)
        return f"{self.url}/targets" if page.ok else f"{self.url}/classic/targets"

    def last_error(self) -> str:
        """What is wrong, in Prometheus's words but without the place in its own source."""
        return logfmt_error(super().last_error())


def start(
    port: int = 9090,
    app_port: int = 8000,
    scrape_interval: str | None = None,
    data_folder: Path | None = None,
    keep_data: bool = True,
    replaceable: bool = False,
    configuration: Configuration | None = None,
) -> PrometheusServer:
    """Start the server on 127.0.0.1 and wait until it is ready. One that this process started before is replaced.

    configuration: what it is to do; without it, what prometheus.yml says, with this port of the app and this interval.
    data_folder: in .tools/prometheus-data, one for each port, unless told otherwise. keep_data: without it, the folder
    is deleted when the server ends, and is a temporary one unless told otherwise. replaceable: a notebook may stop it
    to start its own. Problem: there is no server, the port is taken, or the server does not start.
    """
    program = find()
    if program is None:
        raise Problem(NONE_FOUND)
    make_room(port, "COURSE_PROMETHEUS_PORT")
    configuration = configuration or Configuration(scrape_interval, app_port, port)
    if not keep_data and data_folder is None:
        data_folder = folder_to_delete("prometheus")
    data_folder = (data_folder or TOOLS / "prometheus-data" / str(port)).absolute()
    data_folder.mkdir(parents=True, exist_ok=True)
    file = configuration.file(data_folder)
    options = [f"--config.file={file}", f"--storage.tsdb.path={data_folder}", f"--web.listen-address=127.0.0.1:{port}"]
    if configuration.fits_rules:  # how soon it tells Alertmanager again of an alert that fires: after 1m
        options.append(f"--rules.alert.resend-delay={prometheus_rules.fitted('1m', configuration.interval)}")
    server = PrometheusServer(
        port,
        [str(program), *options],
        then_delete=None if keep_data else data_folder,
        replaceable=replaceable,
    )
    server.wait_until_ready()
    return server


if __name__ == "__main__":
    try:
        print(f"Prometheus is at {find_or_fetch()}")
    except (Problem, KeyboardInterrupt) as problem:
        sys.exit(str(problem) or "\nStopped.")
