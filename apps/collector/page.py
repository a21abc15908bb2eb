"""The collector's one page: drift by feature over the last day, for people. Its text is in templates/drift.html."""

import json
import logging
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import fmean

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates

from collector import drift, registry
from collector.alerts import GENAI_ALERT
from collector.evaluation import WORKFLOW
from collector.not_done import not_done
from collector.profiles import DriftType

log = logging.getLogger("collector")
templates = Jinja2Templates(Path(__file__).parent / "templates")  # what is put into an .html file there is escaped


@dataclass
class Row:
    """A feature or metric: the PSI over the day or the mean of the hour, if any; and whether an alert is active."""

    name: str
    number: float | None
    has_alert: bool


@dataclass
class Table:
    """What the page shows of one profile. head: what the numbers are; note: what stands there instead of none."""

    title: str
    head: str
    rows: list[Row]
    note: str = "No records in this time."
    not_done: Sequence[str] = ()


def render(request: Request, connection: sqlite3.Connection) -> Response:
    """The page, with the newest profiles first."""
    profiles = connection.execute(
        "SELECT uid, space, name, version, drift_type FROM profile ORDER BY rowid DESC LIMIT 50"
    ).fetchall()
    tables = []
    for uid, space, name, version, drift_type in profiles:
        title = f"{space} {name} {version}: {drift_type}"
        try:
            tables.append(table(connection, uid, drift_type, title))
        except Exception:  # one profile that cannot be shown must not hide all others
            log.exception("The page cannot show %s", title)
            tables.append(Table(title, "", [], "This profile cannot be shown; the log of the collector says why."))
    return templates.TemplateResponse(request, "drift.html", {"tables": tables})


def table(connection: sqlite3.Connection, uid: str, drift_type: DriftType, title: str) -> Table:
    """One row a feature, the largest number first; at the end those without a value in the last hour."""
    day = drift.DriftRequest(uid=uid, time_interval="TwentyFourHours", max_data_points=24)
    hour = drift.DriftRequest(uid=uid, time_interval="OneHour", max_data_points=1)
    numbers: dict[str, float | None]
    registered = registry.of_type(connection, uid, drift_type)
    if drift_type == "Psi":
        features = drift.psi_over_time(connection, registered.profile.features, day)["features"]
        head, numbers = "PSI", {name: feature["overall_psi"] for name, feature in features.items()}
    else:
        of_the_hour = drift.values_over_time(connection, hour)
        means = {name: fmean(chain.from_iterable(points.values())) for name, points in of_the_hour.items()}
        of_the_day = drift.values_over_time(connection, day)
        head, numbers = "mean of the last hour", {name: means.get(name) for name in of_the_day}
    query = "SELECT DISTINCT entity_name FROM alert WHERE uid = ? AND active"
    # A check of a language model has another name as an alert.
    alerts = {WORKFLOW if name == GENAI_ALERT else name for (name,) in connection.execute(query, [uid])}
    rows = [Row(name, number, name in alerts) for name, number in (dict.fromkeys(sorted(alerts)) | numbers).items()]
    in_order = sorted(rows, key=lambda row: -math.inf if row.number is None else row.number, reverse=True)
    return Table(title, head, in_order, not_done=not_done(json.loads(registered.text)))
