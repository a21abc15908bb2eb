"""When drift is an alert: by the thresholds that the profile itself holds, on records that have not been judged yet."""

import json
import math
import sqlite3
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain, islice
from statistics import NormalDist, fmean
from typing import Any

from scipy.special import chdtri

from collector.drift import counts_by_bin, psi
from collector.evaluation import WORKFLOW
from collector.profiles.metrics import Condition
from collector.profiles.psi import Bin, PsiFeature, Threshold
from collector.registry import Registered
from collector.spc import TREND, patterns

GENAI_ALERT = "genai_workflow_metric"  # what Scouter calls the share of passed checks in an alert
ROWS_PER_BIN = 10  # with no more than these, PSI says little; the number is Scouter's
RECORDS = 25  # of fewer, a share says little; so many are what a queue sends at once
Alert = tuple[str, dict[str, Any]]  # the feature or metric, and what is told about it


def judge(connection: sqlite3.Connection, registered: Registered) -> None:
    """Check the records that this profile has got since the last check, if it is active, and keep the alerts."""
    if not registered.active:
        return
    found = CHECKS[registered.drift_type](connection, registered)
    if found is None:
        return
    now = time.time()
    connection.executemany(
        "INSERT INTO alert (uid, created_at, entity_name, alert) VALUES (?, ?, ?, ?)",
        [[registered.uid, now, name, json.dumps(alert)] for name, alert in found],
    )
    if registered.drift_type != "Psi":  # of PSI, each feature has a mark of its own
        connection.execute(
            "UPDATE profile SET judged = ifnull((SELECT MAX(id) FROM value WHERE uid = ?1), judged) WHERE uid = ?1",
            [registered.uid],
        )


def limit(threshold: Threshold, rows: int, bins: int) -> float:
    """The PSI above which so many rows in so many bins have drifted.

    Rows that come from the training data pass it with the chance alpha: their PSI times rows is spread like
    chi-square with bins - 1 degrees of freedom, about like a normal distribution. Source: see drift.psi.
    """
    if threshold.ChiSquare:
        return float(chdtri(bins - 1, threshold.ChiSquare.alpha)) / rows
    if threshold.Normal:
        z = -NormalDist().inv_cdf(threshold.Normal.alpha)  # not of 1 - alpha: for a very small alpha, that is 1
        return (bins - 1 + z * math.sqrt(2 * (bins - 1))) / rows
    assert threshold.Fixed  # one of the three is there
    return threshold.Fixed.threshold


def careful_psi(feature: PsiFeature, counts: Mapping[int, int]) -> float:
    """The PSI with half a row more in each bin, in the expected counts and in those seen.

    Of few rows, none may fall into a rare bin by chance. Plain PSI takes that for a great change, and would raise
    several times as many false alarms as alpha allows; with many rows the two are nearly the same.
    """
    rows, wider = sum(counts.values()), sum(counts.values()) + len(feature.bins) / 2
    expected = [Bin(id=one.id, proportion=(one.proportion * rows + 0.5) / wider) for one in feature.bins]
    return psi(PsiFeature(bins=expected), {one.id: counts.get(one.id, 0) + 0.5 for one in feature.bins})


NEW_ROWS = """
uid = ?1 AND feature = ?2 AND id > max(?3, ifnull((SELECT last FROM judged WHERE uid = ?1 AND feature = ?2), 0))
"""
JUDGED = "REPLACE INTO judged SELECT uid, feature, MAX(id) FROM bin_count WHERE uid = ? AND feature = ?"


def psi_alerts(connection: sqlite3.Connection, registered: Registered) -> list[Alert]:
    """The features whose PSI is above its limit. Each is judged once it has enough rows; until then, they wait."""
    features, config = registered.profile.features, registered.profile.config.alert_config
    found = []
    for name in config.features_to_monitor or features:
        bins = counts_by_bin(connection, NEW_ROWS, registered.uid, name, registered.judged)[name]
        number = len(features[name].bins)
        if bins.total() > ROWS_PER_BIN * number:
            connection.execute(JUDGED, [registered.uid, name])
            threshold = limit(config.threshold, bins.total(), number)
            if careful_psi(features[name], bins) > threshold:
                drift = psi(features[name], bins)  # what is told is Scouter's own number
                found.append((name, {"Psi": {"feature": name, "drift": drift, "threshold": threshold}}))
    return found


def new_values(connection: sqlite3.Connection, registered: Registered) -> dict[str, list[float]]:
    """The values of each feature or metric that have not been judged yet, oldest first."""
    rows = connection.execute(
        "SELECT name, value FROM value WHERE uid = ? AND id > ? ORDER BY id", [registered.uid, registered.judged]
    )
    values: dict[str, list[float]] = defaultdict(list)
    for name, value in rows:
        values[name].append(value)
    return values


def custom_alerts(connection: sqlite3.Connection, registered: Registered) -> list[Alert]:
    """The metrics whose mean over the new values is bad."""
    conditions = registered.profile.config.alert_config.alert_conditions or {}
    return comparisons("Custom", conditions, new_values(connection, registered))


def genai_alerts(connection: sqlite3.Connection, registered: Registered) -> list[Alert] | None:
    """The share of passed checks, if its mean over the new records is bad; None as long as these are too few to judge.

    Scouter's own server takes one record for enough.
    """
    condition, values = registered.profile.config.alert_config.alert_condition, new_values(connection, registered)
    if len(values[WORKFLOW]) < RECORDS:
        return None
    found = comparisons("GenAI", {WORKFLOW: condition} if condition else {}, values)
    return [(GENAI_ALERT, {"GenAI": alert["GenAI"] | {"metric_name": GENAI_ALERT}}) for _, alert in found]


def comparisons(kind: str, conditions: Mapping[str, Condition], values: Mapping[str, Sequence[float]]) -> list[Alert]:
    """The names whose mean meets the condition of the same name."""
    means = {name: fmean(values[name]) for name in conditions if name in values}
    return [
        (name, {kind: {"metric_name": name, "observed_value": mean, **conditions[name].model_dump()}})
        for name, mean in means.items()
        if conditions[name].is_met_by(mean)
    ]


def spc_alerts(connection: sqlite3.Connection, registered: Registered) -> list[Alert]:
    """The patterns of the profile's rule that end with one of the new values: each once, however many they are."""
    config = registered.profile.config.alert_config
    numbers = [int(number) for number in config.rule.rule.split()]
    found = []
    for name, values in new_values(connection, registered).items():
        if name not in config.features_to_monitor:
            continue
        before = connection.execute(
            "SELECT value FROM value WHERE uid = ? AND name = ? AND id <= ? ORDER BY id DESC LIMIT ?",
            [registered.uid, name, registered.judged, max(*numbers, TREND)],
        ).fetchall()
        history = [value for (value,) in reversed(before)] + values
        judged = patterns(registered.profile.features[name], history, numbers)
        new = dict.fromkeys(chain.from_iterable(islice(judged, len(before), None)))  # each once, in their order
        found += [
            (name, {"Spc": {"feature": name, "kind": kind, "zone": where}})
            for kind, where in new
            if where == "NotApplicable" or where in config.rule.zones_to_monitor
        ]
    return found


CHECKS = {"Psi": psi_alerts, "Spc": spc_alerts, "Custom": custom_alerts, "GenAI": genai_alerts}
