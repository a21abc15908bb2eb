"""Start Prometheus, which watches the app on port 8000, and Grafana."""

import argparse

from classroom.commands._ending import let_signals_interrupt, run
from classroom.servers import grafana_server, prometheus_server
from classroom.servers.folders import TOOLS
from classroom.servers.process import Server
from titanic.problem import Problem


def start_grafana(port: int, prometheus_url: str, interval: str) -> list[Server]:
    """Start Grafana and say where it is; without Grafana, say why in one sentence, and start nothing."""
    print("Starting Grafana. If it is not on this machine yet, it is fetched once (some 200 MB).", flush=True)
    try:
        server = grafana_server.start(port, prometheus_url, interval)
    except Problem as problem:
        print(f"{problem}\nPrometheus goes on without Grafana.")
        return []
    print(f"Grafana is running at    {server.url}")
    return [server]


def monitor(port: int, interval: str, grafana_port: int | None) -> None:
    """Start the servers and say where they are; stop them at Ctrl-C. Problem: one has ended by itself."""
    prometheus_server.find_or_fetch()
    prometheus = prometheus_server.start(port, scrape_interval=interval)
    servers: list[Server] = [prometheus]
    try:
        print(f"Prometheus is running at {prometheus.url}")
        print(f"What it watches:         {prometheus.targets_url}")
        print(f"Its data is kept in      {TOOLS / 'prometheus-data' / str(port)}", flush=True)
        if grafana_port:
            servers += start_grafana(grafana_port, prometheus.url, interval)
        print("Stop with Ctrl-C.", flush=True)
        while not any(server.ends_within(0.2) for server in servers):
            pass
    except KeyboardInterrupt:
        print()
    ended = [server for server in servers if not server.is_running()]
    for server in reversed(servers):
        server.stop()
    if ended:
        raise Problem(f"{ended[0].name} has ended by itself: {ended[0].last_error()}")


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python course.py monitor", description=__doc__)
    parser.add_argument("--interval", default="15s", help="how often it reads the app's metrics")
    parser.add_argument("--port", type=int, default=9090, metavar="N")
    parser.add_argument("--grafana-port", type=int, default=3000, metavar="N")
    parser.add_argument("--no-grafana", action="store_true", help="start Prometheus alone")
    options = parser.parse_args()
    let_signals_interrupt()
    monitor(options.port, options.interval, None if options.no_grafana else options.grafana_port)


if __name__ == "__main__":
    run(main)
