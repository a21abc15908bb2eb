"""Start Grafana with the course's dashboard: no sign-in, no click, on this machine alone."""

from classroom.servers.disk import is_writable
from classroom.servers.folders import GRAFANA, TOOLS
from classroom.servers.grafana_release import BY_HAND, find, find_or_fetch
from classroom.servers.process import Server, make_room

__all__ = ["GrafanaServer", "find", "find_or_fetch", "settings", "start"]

DASHBOARD = GRAFANA / "titanic_api_simple_app_monitoring.json"
NONE_FOUND = f"There is no Grafana on this machine yet: call python course.py monitor, which fetches it, or {BY_HAND}."


class GrafanaServer(Server):
    """A Grafana that answers at .url until .stop() is called, or until the process that started it ends."""

    name = "Grafana"
    usual_port = 3000
    ready_page = "/api/health"


def settings(port: int, prometheus_url: str, scrape_interval: str) -> dict[str, str]:
    """The environment that makes Grafana show the dashboard to everybody on this machine, and fetch nothing.

    A name GF_SECTION_KEY stands for a key in a section of Grafana's own settings. Source:
    https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/
    """
    return {
        "GF_SERVER_HTTP_ADDR": "127.0.0.1",
        "GF_SERVER_HTTP_PORT": str(port),
        "GF_AUTH_ANONYMOUS_ENABLED": "true",
        "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer",
        "GF_PATHS_PROVISIONING": str(GRAFANA / "provisioning"),
        "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": str(DASHBOARD),
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "GF_NEWS_NEWS_FEED_ENABLED": "false",
        "GF_PLUGINS_PREINSTALL_DISABLED": "true",
        "GF_LOG_MODE": "console",  # into logs/grafana.log, like the output of all servers of the course
        # What the files in the folder provisioning leave open
        "COURSE_PROMETHEUS_URL": prometheus_url,
        "COURSE_SCRAPE_INTERVAL": scrape_interval,
        "COURSE_DASHBOARD_FOLDER": str(GRAFANA),
    }


def start(
    port: int = 3000, prometheus_url: str = "http://127.0.0.1:9090", scrape_interval: str = "15s"
) -> GrafanaServer:
    """Find or fetch Grafana, start it on 127.0.0.1 and wait until it is ready.

    scrape_interval: that of the Prometheus at this address. Problem: there is no Grafana, the port is taken, or Grafana
    does not start.
    """
    grafana = find_or_fetch()
    make_room(port, "COURSE_GRAFANA_PORT")
    environment = settings(port, prometheus_url, scrape_interval)
    if not is_writable(grafana.home):  # a package manager's: it belongs to the system
        environment["GF_PATHS_DATA"] = str(TOOLS / "grafana-data")
    server = GrafanaServer(port, [*grafana.command, "--homepath", str(grafana.home)], environment)
    server.wait_until_ready(seconds=180)  # the first start makes its database
    return server
