"""The checks of lesson 10."""

import re
from typing import Any

from classroom.checks.promql import MOMENTS, answers, assert_same_numbers, gauge
from classroom.rules import loadable, rule_in
from titanic.problem import Problem

SINGLE = 'sum(rate(prediction_type_total{type="single"}[1m]))'
# The two rules, minute by minute: all is well; requests without predictions; nobody comes. Then the same without
# requests, but with the last predictions still in the window of their rule. A few are not none: 0.003 is
# one in five minutes, and 0.016 one in a minute, which are the windows of the two rules.
RULES = {
    "first": gauge("app:http_requests:rate", (4, 0.016, 0)) | gauge("app:titanic_predictions:rate", (0.003, 0, 0)),
    "second": gauge("app:http_requests:rate", (0, None, 6)) | gauge("app:titanic_predictions:rate", (2, None, 0)),
}
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def exercise_1(query: Any) -> None:
    """How many predictions of the type single are made a second."""
    assert isinstance(query, str), f"`query` is of the type {type(query).__name__}, and not a text: put it in quotes"
    mistakes = {
        "sum(rate(prediction_type_total[1m]))": "it counts all types, and not only `single`: select it with {...}",
        SINGLE.replace("single", "batch"): "it counts batches",
        SINGLE.replace("rate", "increase"): "it asks how many there were in a minute, and not in a second",
        SINGLE.replace("1m", "5m"): "its window is five minutes, and not one",
        SINGLE.replace("1m", "10s"): "its window is 10 seconds, and not a minute",
        SINGLE.replace("rate(", "").replace("[1m])", ""): "it asks how many there have been so far: `rate` is missing",
        'sum(rate(http_requests_total{endpoint="/predict_single"}[1m]))': (
            "it counts the requests that came, with those that were refused or failed; the question is how many were "
            "predicted"
        ),
    }
    assert_same_numbers(query, SINGLE, mistakes, growth=True)


def exercise_2(rule: Any) -> None:
    """An alert for requests without predictions, as YAML."""
    assert isinstance(rule, str), f"`rule` is of the type {type(rule).__name__}, and not a text: put it in quotes"
    try:
        alert = rule_in(rule)
    except Problem as problem:
        raise AssertionError(str(problem)[0].lower() + str(problem)[1:]) from None
    assert alert.get("alert") == "NobodyPredicts", "its name, the value of `alert`, is not NobodyPredicts"
    expr = alert.get("expr")
    assert isinstance(expr, str), "there is no query yet: the value of `expr`"
    found = [
        (name, moment // 60, bool(numbers))
        for name, series in RULES.items()
        for moment, numbers in zip(MOMENTS, answers([expr], series)[0], strict=True)
    ]
    assert any(there for _, _, there in found), (
        "`expr` finds nothing, although requests come and nothing is predicted: look at the names of the rules"
    )
    wrong = {
        ("first", 0): "finds something although requests come and are predicted",
        ("first", 1): "finds nothing although requests come and nothing is predicted",
        ("first", 2): "finds something although nobody sends a request",
        ("second", 0): "finds something although no request comes",
        ("second", 1): "finds something although there is no app",
        ("second", 2): "finds nothing although requests come and nothing is predicted",
    }
    hint = "look at both conditions, and at the word between them"
    for name, minute, there in found:
        right = (name, minute) in (("first", 1), ("second", 2))
        assert there == right, f"`expr` {wrong[name, minute]}: {hint}"
    assert seconds(alert.get("for")) == 60, "`for` is not one minute: write it as in the rules above"
    labels = alert.get("labels")
    severity = labels.get("severity") if isinstance(labels, dict) else None
    assert severity, "there is no `severity`, below `labels:` and indented by two more"
    assert severity == "page", f"`severity` is {severity!r}, but users notice this at once: write page"
    try:
        loadable(alert)
    except Problem as problem:
        raise AssertionError(str(problem)) from None


def seconds(duration: Any) -> float | None:
    """How long this is, in the way Prometheus reads it: 1m, 60s, 1m0s; None if it does not."""
    text = str(duration)
    parts = re.findall(r"(\d+)(ms|s|m|h)", text)
    return sum(int(count) * SECONDS[unit] for count, unit in parts) if re.fullmatch(r"(\d+(ms|s|m|h))+", text) else None
