"""The route of lesson 20 that takes outcomes, for the apps that put something around it."""

import logging
import sqlite3
from itertools import product

from fastapi import HTTPException, Request
from prometheus_client import Counter, Histogram

from titanic.answers import predicted_class
from titanic.metrics_folder import make_metrics_folder
from titanic.outcome import OutcomeReport, Outcomes
from titanic.pending import Matched

make_metrics_folder()  # before the first metric is defined

log = logging.getLogger("titanic.outcomes")
HOUR, DAY = 3_600, 86_400
DELAYS = (1, 10, 60, 600, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 84 * DAY)
NOT_STORED = "The outcomes cannot be stored now. Send all of them again later: none is counted twice."

outcomes_total = Counter(
    "titanic_outcomes_total",
    "Outcomes of predictions, by predicted and actual class (0 = not survived, 1 = survived).",
    ["predicted_class", "actual_class"],
)
outcomes_of = {classes: outcomes_total.labels(*classes) for classes in product((0, 1), repeat=2)}
outcome_delay_seconds = Histogram("titanic_outcome_delay_seconds", "From prediction to outcome.", buckets=DELAYS)


def take_outcomes(outcomes: Outcomes, request: Request) -> OutcomeReport:
    """Compare predictions with what really happened. The first outcome of a prediction counts, no other."""
    report = OutcomeReport(matched=0, unknown=[], repeated=[])
    found = request.app.state.pending.match([(outcome.prediction_id, outcome.survived) for outcome in outcomes.root])
    try:
        for outcome, one in zip(outcomes.root, found, strict=True):
            if isinstance(one, Matched):
                report.matched += 1
                outcomes_of[predicted_class(one.probability), outcome.survived].inc()
                outcome_delay_seconds.observe(one.delay)
            else:
                (report.unknown if one == "unknown" else report.repeated).append(outcome.prediction_id)
    except sqlite3.Error as error:
        log.error("Outcomes are not stored: %s", error)
        raise HTTPException(503, NOT_STORED) from error
    return report
