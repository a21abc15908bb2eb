"""Start Alertmanager with prometheus/alertmanager.yml, as the user has written it.

`python course.py monitor` and lesson 23 use it, the latter through classroom.alertmanager.
"""

import re
from typing import Any

from classroom.servers import plain_yaml, ports, prometheus_configuration, prometheus_rules
from classroom.servers.alertmanager_release import ALERTMANAGER
from classroom.servers.app import usual_port
from classroom.servers.folders import PROMETHEUS, TOOLS
from classroom.servers.process import Server, logfmt_error, make_room
from classroom.servers.temporary import folder_to_delete
from titanic.problem import Problem

FILE = PROMETHEUS / "alertmanager.yml"
RECEIVER = "prometheus_06_alert_app"  # listens on port 8010, and COURSE_ALERT_PORT changes that


class AlertmanagerServer(Server):
    """An Alertmanager that answers at .url until .stop() is called, or until the process that started it ends.

    .receivers: the addresses to which it sends, as its configuration says.
    """

    name = "Alertmanager"
    usual_port = 9093
    ready_page = "/-/ready"
    receivers: tuple[str, ...] = ()

    def last_error(self) -> str:
        """What is wrong, in Alertmanager's words but without the time and the place in its own source."""
        return logfmt_error(super().last_error())


def usual() -> int:
    """Its port, unless told otherwise. Problem: COURSE_ALERTMANAGER_PORT is no port."""
    return ports.setting("COURSE_ALERTMANAGER_PORT", 9093)


def changed(value: Any, receiver_port: int, interval: str | None, key: str = "") -> Any:
    """The same settings, with this port of the receiver in place of 8010, and the times of the routes for an interval.

    interval: between two scrapes of the Prometheus beside it, such as "250ms"; None: the times stay. As in the rules,
    they are written for 15 seconds.
    """
    if isinstance(value, dict):
        return {name: changed(one, receiver_port, interval, str(name)) for name, one in value.items()}
    if isinstance(value, list):
        return [changed(one, receiver_port, interval) for one in value]
    if key == "url":
        return re.sub(r"//(127\.0\.0\.1|localhost):8010\b", f"//127.0.0.1:{receiver_port}", str(value))
    if key in ("group_wait", "group_interval", "repeat_interval") and interval:
        return prometheus_rules.fitted(str(value), interval)
    return value


def addresses(settings: Any) -> tuple[str, ...]:
    """The addresses of the webhooks in these settings, or in a part of them."""
    parts = settings.values() if isinstance(settings, dict) else settings if isinstance(settings, list) else []
    own = [settings["url"]] if isinstance(settings, dict) and isinstance(settings.get("url"), str) else []
    return (*own, *(address for part in parts for address in addresses(part)))


def start(
    port: int = 9093, interval: str | None = None, keep_data: bool = True, replaceable: bool = False
) -> AlertmanagerServer:
    """Start it on 127.0.0.1 and wait until it is ready. One that this process started before is replaced.

    interval: as in changed. keep_data: what it remembers lies in .tools/alertmanager-data, a folder for each port;
    without it, in a temporary folder, which is deleted when it ends. replaceable: a notebook may stop it to start its
    own. Problem: there is none, the port is taken, or it does not start: its configuration may be wrong.
    """
    program = ALERTMANAGER.find()
    if program is None:
        raise Problem(ALERTMANAGER.none_found)
    make_room(port, "COURSE_ALERTMANAGER_PORT")
    written = prometheus_configuration.read_yaml(FILE)
    if not isinstance(written, dict):
        raise Problem(f"prometheus/{FILE.name} is no configuration of Alertmanager: lesson 23 shows how one looks.")
    settings = changed(written, usual_port(RECEIVER), interval)
    folder = TOOLS / "alertmanager-data" / str(port) if keep_data else folder_to_delete("alertmanager")
    folder.mkdir(parents=True, exist_ok=True)
    file = FILE
    if settings != written:
        file = folder / FILE.name
        file.write_text(plain_yaml.dump(settings), encoding="utf-8")
    server = AlertmanagerServer(
        port,
        [
            *(str(program), f"--config.file={file}", f"--storage.path={folder}"),
            # Several Alertmanagers of a company speak with each other, on another port. This one is alone.
            *(f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="),
            f"--web.external-url=http://127.0.0.1:{port}",  # else it asks the system for a name to show
        ],
        then_delete=None if keep_data else folder,
        replaceable=replaceable,
    )
    server.receivers = addresses(settings.get("receivers"))
    server.wait_until_ready()
    return server
