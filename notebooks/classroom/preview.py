"""The dashboard as a picture, drawn from Prometheus: for machines without Grafana.

    python -m classroom.preview --serve 3001

shows it as a page that draws itself anew every few seconds.
"""

import argparse
import json
import math
import sys
from pathlib import Path

from classroom.prometheus import address
from classroom.servers import ports
from classroom.servers.folders import GRAFANA
from dashboard_preview.canvas import Picture
from dashboard_preview.page import serve
from dashboard_preview.picture import draw
from dashboard_preview.prometheus_api import Json
from titanic.problem import Problem

DASHBOARD = GRAFANA / "titanic_api_simple_app_monitoring.json"


def preview(minutes: float | None = None, dashboard: Json | Path | str = DASHBOARD, width: int = 1280) -> Picture:
    """Draw a dashboard as it is now; a notebook shows what this returns.

    minutes: the time range, else that of the dashboard. dashboard: its JSON file, or the content of one. width: in
    pixels. Problem: the file is no dashboard.
    """
    return draw(dashboard if isinstance(dashboard, dict) else read(Path(dashboard)), address(), minutes, width)


def read(file: Path) -> Json:
    """The dashboard in a JSON file. Problem: there is none."""
    try:
        dashboard = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem(f"The file {file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:  # the second: nested too deeply
        raise Problem(f"The file {file} is no JSON: {error}.") from None
    if not isinstance(dashboard, dict) or "panels" not in dashboard:
        raise Problem(f"The file {file} is no dashboard of the classic kind: it has no panels.")
    return dashboard


def main() -> None:
    """Serve the page until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m classroom.preview")
    parser.add_argument("--serve", type=int, required=True, metavar="PORT", help="where on 127.0.0.1")
    parser.add_argument("--prometheus", default=address(), metavar="URL", help="default: %(default)s")
    parser.add_argument("--minutes", type=float, help="the time range; default: that of the dashboard")
    parser.add_argument("--dashboard", type=Path, default=DASHBOARD, help="another JSON file")
    arguments = parser.parse_args()
    dashboard = read(arguments.dashboard)
    if arguments.minutes is not None and not 0 < arguments.minutes < math.inf:
        raise Problem(f"--minutes is {arguments.minutes:g}, but it must be more than 0.")
    ports.must_be_free(arguments.serve, "--serve N")
    print(f"The preview is at http://127.0.0.1:{arguments.serve}  Stop it with Ctrl-C.", flush=True)
    serve(dashboard, arguments.prometheus, arguments.serve, arguments.minutes)


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        print("Stopped.")
