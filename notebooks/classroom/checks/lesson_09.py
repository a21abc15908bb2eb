"""The checks of lesson 09."""

from typing import Any

from classroom.checks import assert_words
from classroom.checks.promql import assert_same_numbers

SINGLE = 'sum(rate(http_requests_total{endpoint="/predict_single"}[10s]))'
MEANING = {
    "latency": "latency is how long an answer takes",
    "traffic": "traffic is how much is asked",
    "errors": "errors are how often the service fails",
    "saturation": "saturation is how much of its limits the service uses",
}


def exercise_1(query: Any) -> None:
    """The traffic of /predict_single."""
    assert isinstance(query, str), f"`query` is of the type {type(query).__name__}, and not a text: put it in quotes"
    mistakes = {
        "sum(rate(http_requests_total[10s]))": "it counts the requests to all endpoints: select yours with {...}",
        SINGLE.replace('="', '=~"').replace("_single", ".*"): "it counts the requests to /predict_batch too",
        SINGLE.replace('"}', '", status_code="200"}'): "it counts only what was answered with 200",
        SINGLE.replace("10s", "1m"): "its window is a minute, and not 10 seconds",
        SINGLE.replace("10s", "5s"): "its window is 5 seconds, and not 10",
        SINGLE.replace("rate", "increase"): "it asks how many came in 10 seconds, and not how many in one",
        SINGLE.replace("rate(", "").replace("[10s])", ""): "it asks how many have come so far: `rate` is missing",
    }
    assert_same_numbers(query, SINGLE, mistakes, growth=True)


def exercise_2(signals: Any) -> None:
    """Which of the four signals it is."""
    right = {
        "the app uses 95 % of the processor": "saturation",
        "one in a hundred answers is a 503": "errors",
        "half of the answers take more than a second": "latency",
        "twice as many requests as yesterday": "traffic",
    }
    assert_words(signals, right, MEANING)
