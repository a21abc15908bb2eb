"""How far the live data is from the training data: PSI from bin counts, and means over time."""

import math
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from statistics import fmean, stdev
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from collector.messages import Moment, Text
from collector.profiles.psi import PsiFeature

EPSILON = 1e-10  # so that an empty bin does not divide by zero; the number is Scouter's
TimeInterval = Literal[
    "FifteenMinutes",
    "ThirtyMinutes",
    "OneHour",
    "FourHours",
    "SixHours",
    "TwelveHours",
    "TwentyFourHours",
    "SevenDays",
    "Custom",
]
MINUTES: dict[TimeInterval, int] = {
    "FifteenMinutes": 15,
    "ThirtyMinutes": 30,
    "OneHour": 60,
    "FourHours": 240,
    "SixHours": 360,
    "TwelveHours": 720,
    "TwentyFourHours": 1440,
    "SevenDays": 10080,
}


class DriftRequest(BaseModel):
    """Which profile, over which time, in how many points; one more if the time does not begin with one.

    As in Scouter, points lie at round moments, so that they are the same ones when somebody asks again.
    """

    uid: Text
    time_interval: TimeInterval = "FourHours"
    max_data_points: Annotated[int, Field(ge=1, le=100_000)] = 100
    start_custom_datetime: Moment | None = None
    end_custom_datetime: Moment | None = None

    def span(self) -> tuple[float, float, float]:
        """The begin, the end and the width of a point, in seconds. A time that is given wins over the interval."""
        end = self.end_custom_datetime.timestamp() if self.end_custom_datetime else time.time()
        begin = end - 60 * MINUTES.get(self.time_interval, 0)
        if self.start_custom_datetime:
            begin = self.start_custom_datetime.timestamp()
        return begin, end, max(end - begin, 1) / self.max_data_points


def psi(feature: PsiFeature, counts: Mapping[int, float]) -> float:
    """The population stability index of these counts by bin: 0 is no drift.

    The sum over all bins of (expected - seen) * ln(expected / seen), both as shares of 1.
    Source: B. Yurdakul, Statistical Properties of Population Stability Index, 2018.
    """
    rows = sum(counts.values())
    total = 0.0
    for one in feature.bins:
        expected, seen = one.proportion + EPSILON, counts.get(one.id, 0) / rows + EPSILON
        total += (expected - seen) * math.log(expected / seen)
    return total


def counts_by_bin(connection: sqlite3.Connection, where: str, *values: object) -> dict[str, Counter[int]]:
    """For each feature, the rows in each bin; where: the condition on the table bin_count, with ? for the values."""
    query = f"SELECT feature, bin_id, SUM(bin_count) FROM bin_count WHERE {where} GROUP BY feature, bin_id"
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for feature, bin_id, count in connection.execute(query, values):
        counts[feature][bin_id] = count
    return counts


def when(point: int, width: float) -> str:
    """The begin of this point in time, as the client reads it."""
    return datetime.fromtimestamp(point * width, UTC).isoformat()


def psi_over_time(
    connection: sqlite3.Connection, features: Mapping[str, PsiFeature], request: DriftRequest
) -> dict[str, Any]:
    """For each feature: the PSI at each point, newest first; over all of them together; the share of each bin."""
    begin, end, width = request.span()
    rows = connection.execute(
        "SELECT CAST(created_at / ? AS INTEGER) AS point, feature, bin_id, SUM(bin_count) FROM bin_count"
        " WHERE uid = ? AND created_at >= ? AND created_at < ? GROUP BY point, feature, bin_id ORDER BY point DESC",
        [width, request.uid, begin, end],
    )
    counts: dict[str, dict[int, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for point, feature, bin_id, count in rows:
        counts[feature][point][bin_id] += count
    answer = {}
    for name, points in counts.items():
        points = {point: bins for point, bins in points.items() if bins.total()}
        overall = sum(points.values(), Counter())
        if not points:
            continue
        answer[name] = {
            "created_at": [when(point, width) for point in points],
            "psi": [psi(features[name], bins) for bins in points.values()],
            "overall_psi": psi(features[name], overall),
            "bins": {bin_id: count / overall.total() for bin_id, count in sorted(overall.items())},
        }
    return {"features": answer}


def values_over_time(connection: sqlite3.Connection, request: DriftRequest) -> dict[str, dict[int, list[float]]]:
    """For each feature or metric: the values at each point, newest first."""
    begin, end, width = request.span()
    rows = connection.execute(
        "SELECT CAST(created_at / ? AS INTEGER) AS point, name, value FROM value"
        " WHERE uid = ? AND created_at >= ? AND created_at < ? ORDER BY point DESC, id",
        [width, request.uid, begin, end],
    )
    values: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for point, name, value in rows:
        values[name][point].append(value)
    return values


def spc_over_time(connection: sqlite3.Connection, request: DriftRequest) -> dict[str, Any]:
    """For each feature: the mean at each point, newest first."""
    width = request.span()[2]
    return {
        "features": {
            name: {
                "created_at": [when(point, width) for point in points],
                "values": [fmean(values) for values in points.values()],
            }
            for name, points in values_over_time(connection, request).items()
        }
    }


def metrics_over_time(connection: sqlite3.Connection, request: DriftRequest) -> dict[str, Any]:
    """For each metric or check: the mean at each point, newest first, and one standard deviation below and above it."""
    width = request.span()[2]
    answer = {}
    for name, points in values_over_time(connection, request).items():
        stats = []
        for values in points.values():
            mean, spread = fmean(values), stdev(values) if len(values) > 1 else 0
            stats.append({"avg": mean, "lower_bound": mean - spread, "upper_bound": mean + spread})
        answer[name] = {
            "metric": name,
            "created_at": [when(point, width) for point in points],
            "stats": stats,
        }
    return {"metrics": answer}
