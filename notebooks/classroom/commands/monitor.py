"""Start Prometheus, which watches the app on port 8000, Alertmanager, which sends its alerts, and Grafana."""

import argparse
from urllib.parse import urlsplit

from classroom.commands._ending import run
from classroom.servers import alertmanager_server, grafana_server, ports, prometheus_server
from classroom.servers.alertmanager_release import ALERTMANAGER
from classroom.servers.app import PORTS, usual_port
from classroom.servers.folders import TOOLS
from classroom.servers.process import Server
from classroom.servers.prometheus_configuration import LONGEST, Configuration
from dashboard_preview.durations import milliseconds
from titanic.problem import Problem


def configured(interval: str | None, port: int) -> Configuration:
    """What prometheus.yml says, with these changes; say what is changed, and what will not work."""
    configuration = Configuration(interval, ports.setting("COURSE_PORT", 8000), port)
    longest = configuration.longest_interval()
    forgets = f"With a scrape only every {longest}, most queries find nothing. Take {LONGEST} or less"
    if milliseconds(longest) > milliseconds(LONGEST):
        if interval == longest:
            raise Problem(f"'{interval}' is too long. Prometheus forgets a value after five minutes. {forgets}.")
        print(f"Prometheus forgets a value after five minutes. {forgets} in prometheus/prometheus.yml.")
    return configuration


def say_what_is_watched(configuration: Configuration, own_port: int) -> None:
    """Say what is not as in prometheus.yml, and which apps do not answer yet."""
    if configuration.changes:
        print(f"It reads prometheus/prometheus.yml, but {'; '.join(configuration.changes)}.")
    if not configuration.settings.get("scrape_configs"):
        print("It watches nothing: prometheus/prometheus.yml names no targets (scrape_configs).")
    names = {usual_port(name): name for name in PORTS}
    for port in configuration.ports_watched():
        if port != own_port and not ports.is_taken(port):
            where = f"Nothing answers at 127.0.0.1:{port} yet"
            if port in names:
                print(
                    f"{where}; before lesson 15 that is right. In another terminal: python course.py app {names[port]}"
                )
            else:
                print(f"{where}. In another terminal: python course.py app NAME --port {port}")


def start_alertmanager(interval: str | None) -> list[Server]:
    """Start Alertmanager and say where it is; without it, say why in one sentence, and start nothing."""
    try:
        ALERTMANAGER.find_or_fetch()
        server = alertmanager_server.start(alertmanager_server.usual(), interval)
    except Problem as problem:
        print(f"{problem}\nPrometheus runs without Alertmanager: it shows alerts, and nobody is told of them.")
        return []
    print(f"Alertmanager is at       {server.url}")
    for address in server.receivers:
        port = urlsplit(address).port
        if port and not ports.is_taken(port):
            print(f"It sends alerts to {address}, where nothing answers yet; before lesson 23 that is right.")
            print(f"In another terminal: python course.py app {alertmanager_server.RECEIVER}")
    return [server]


def start_grafana(port: int, prometheus_url: str, interval: str) -> list[Server]:
    """Start Grafana and say where it is; without Grafana, say why in one sentence, and start nothing."""
    print("Starting Grafana. If this machine has none yet, about 200 MB are fetched, once.", flush=True)
    try:
        server = grafana_server.start(port, prometheus_url, interval)
    except Problem as problem:
        print(f"{problem}\nPrometheus runs without Grafana.")
        return []
    print(f"Grafana is running at    {server.url}")
    return [server]


def monitor(port: int, interval: str | None, grafana_port: int | None) -> None:
    """Start the servers and say where they are; end at Ctrl-C. Problem: one has ended by itself."""
    configuration = configured(interval, port)
    prometheus_server.find_or_fetch()
    prometheus = prometheus_server.start(port, configuration=configuration)
    servers: list[Server] = [prometheus]
    try:
        print(f"Prometheus is running at {prometheus.url}")
        print(f"What it watches:         {prometheus.targets_url}")
        print(f"Its data is kept in      {TOOLS / 'prometheus-data' / str(port)}", flush=True)
        say_what_is_watched(configuration, port)
        servers += start_alertmanager(configuration.interval if configuration.fits_rules else None)
        if grafana_port is not None:
            servers += start_grafana(grafana_port, prometheus.url, configuration.interval)
        print("Stop with Ctrl-C.", flush=True)
        while not any(server.ends_within(0.2) for server in servers):
            pass
    except KeyboardInterrupt:
        print()
        return
    ended = next(server for server in servers if not server.is_running())
    raise Problem(f"{ended.name} has ended by itself: {ended.last_error()}")


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python course.py monitor", description=__doc__)
    parser.add_argument("--interval", help="how often Prometheus reads the metrics; without it, as prometheus.yml says")
    own, grafana = ports.setting("COURSE_PROMETHEUS_PORT", 9090), ports.setting("COURSE_GRAFANA_PORT", 3000)
    parser.add_argument("--port", type=int, default=own, metavar="N", help="of Prometheus; 9090 without it")
    parser.add_argument("--grafana-port", type=int, default=grafana, metavar="N", help="of Grafana; 3000 without it")
    parser.add_argument("--no-grafana", action="store_true", help="start Prometheus alone")
    options = parser.parse_args()
    for port in (options.port, options.grafana_port):
        ports.checked(port)
    if not options.no_grafana:
        ports.apart({"Grafana": options.grafana_port, "Prometheus": options.port, "the app": usual_port("")})
    monitor(options.port, options.interval, None if options.no_grafana else options.grafana_port)


if __name__ == "__main__":
    run(main)
