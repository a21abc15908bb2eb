"""Show the whole course at once: app, Prometheus, dashboard, traffic."""

import argparse
import atexit
import math
import shutil
import sys
import time
import webbrowser
from pathlib import Path

import requests

from classroom.commands._ending import run
from classroom.commands._other_rules import new_round, play_other_rules, say
from classroom.outcomes import known_passengers, outcomes_come
from classroom.prometheus import address
from classroom.servers import grafana_release, grafana_server, ports, prometheus_server
from classroom.servers.app import RunningApp, start_own_app, usual_port
from classroom.servers.process import Server, make_room
from classroom.servers.temporary import folder_to_delete
from classroom.traffic import send_traffic
from titanic.passenger import EXAMPLES
from titanic.problem import Problem

APP = "prometheus_05_outcome_app"
PATIENCE = 10  # seconds for an answer at the beginning of an act, when there is no other traffic
OUTCOMES = 2  # a second, while all is as in training
# What happens, in this order, again and again: the shape of the traffic, its seconds, and what to look at.
ACTS: list[tuple[str, float, str]] = [
    ("calm", 40, "A quiet day. All is green. Soon about a third of the passengers are predicted to survive."),
    ("rush", 25, "A rush: 16 clients without a pause. Traffic, latency and requests in progress climb."),
    ("bad client", 20, "A client that makes mistakes. Its requests are refused (4xx), and the server makes no error."),
    ("shift", 40, "Only men of the third class. The service is well. The answers are not as in training."),
    ("other rules", 20, "Another ship: only its second class has boats. Below, in Was it right?, the accuracy falls."),
    ("outage", 15, "An outage: the app is stopped. It goes DOWN, and an alert fires."),
]


class PreviewServer(Server):
    """The dashboard drawn from Prometheus, as a page that refreshes itself."""

    name = "The preview"


def start_dashboard(port: int) -> Server:
    """Start Grafana if it is on this machine, else the preview of its dashboard. Problem: neither starts."""
    if grafana_release.find() is not None:
        return grafana_server.start(port, address(), "1s")
    print("There is no Grafana on this machine: this is a preview of its page. python course.py monitor fetches it.")
    command = [sys.executable, "-m", "classroom.preview", "--serve", str(port), "--prometheus", address()]
    preview = PreviewServer(port, [*command, "--minutes", "5"])
    preview.wait_until_ready()
    return preview


def play(app: RunningApp, settings: dict[str, str], minutes: float | None) -> None:
    """Play the acts again and again, until the minutes are over if there are any; a training is waited for.

    settings: what `new_round` said. Problem: the app does not answer.
    """
    folder = Path(settings["OUTCOME_DATABASE"]).parent
    end = time.monotonic() + 60 * minutes if minutes else float("inf")
    while True:
        for shape, length, what in ACTS:
            seconds = min(length, end - time.monotonic())
            if seconds <= 0:
                return
            say(what)
            if shape == "outage":
                app.stop()
                time.sleep(seconds)
                settings = new_round(folder)
                app = start_own_app(APP, settings)
                continue
            try:
                requests.post(f"{app.url}/predict_batch", json=EXAMPLES, timeout=PATIENCE)
            except requests.RequestException:
                raise Problem(f"{APP} does not answer any more: {app.last_error()}") from None
            if shape == "other rules":
                app = play_other_rules(app, settings, length)
                continue
            with outcomes_come(app.url, known_passengers(shape), OUTCOMES):
                send_traffic(app.url, shape, seconds)


def demo(port: int, minutes: float | None, browser: bool) -> None:
    """Start everything, say where it is, and play until Ctrl-C. Problem: something cannot be started."""
    own_ports = {"The dashboard": port, "Prometheus": int(address().rpartition(":")[2]), "the app": usual_port(APP)}
    ports.apart(own_ports)
    make_room(port, "COURSE_GRAFANA_PORT")  # a port that is taken is said before anything is started
    prometheus_server.find_or_fetch()
    # All that the demo writes. It goes with Prometheus, even after kill -9; at the latest, with us.
    folder = folder_to_delete("demo")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = new_round(folder / "round")
    app = start_own_app(APP, settings)
    first = requests.post(f"{app.url}/predict_single", json=EXAMPLES[0], timeout=PATIENCE)
    if not first.ok:  # a day without a model would be no quiet one
        raise Problem(f"{APP} cannot predict. {first.json()['detail']}")
    prometheus = prometheus_server.start(own_ports["Prometheus"], own_ports["the app"], "1s", folder, keep_data=False)
    dashboard = start_dashboard(port)
    print(f"\nThe dashboard  {dashboard.url}\nPrometheus     {prometheus.url}\nThe app        {app.url}/docs")
    print("Stop with Ctrl-C.", flush=True)
    if browser:
        webbrowser.open(dashboard.url)
    play(app, settings, minutes)


def main() -> None:
    """Do what the command line says."""
    description = "The traffic changes in rounds. One round takes about 4 minutes, then it begins again."
    parser = argparse.ArgumentParser(prog="python course.py demo", description=description)
    parser.add_argument(
        "--minutes",
        type=float,
        metavar="N",
        help="how long; without it, until Ctrl-C. A model that is being trained is waited for",
    )
    own_port = ports.setting("COURSE_GRAFANA_PORT", 3000)
    parser.add_argument("--port", type=int, default=own_port, metavar="N", help="of the dashboard")
    parser.add_argument("--no-browser", action="store_true", help="only print the addresses")
    options = parser.parse_args()
    if options.minutes is not None and not 0 < options.minutes < math.inf:
        raise Problem(
            f"--minutes is {options.minutes:g}, but it must be more than 0. Without it, Ctrl-C ends the demo."
        )
    try:
        demo(options.port, options.minutes, not options.no_browser)
    except KeyboardInterrupt:
        print("\nStopped.")


if __name__ == "__main__":
    run(main)
