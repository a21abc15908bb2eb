"""The checks of lesson 08."""

from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry

from classroom.checks.promql import assert_same_numbers, first_app

METRICS = {"lifeboats_total": "counter", "people_aboard": "gauge"}


def exercise_1(query: Any) -> None:
    """How many requests to /metrics there were since the start."""
    assert isinstance(query, str), f"`query` is of the type {type(query).__name__}, and not a text: put it in quotes"
    mistakes = {
        "sum(http_requests_total)": "it counts all requests, and not only those to /metrics: select them with {...}",
        'sum(http_requests_total{endpoint="/"})': "it counts the requests to / and not those to /metrics",
        'sum(http_requests_total{endpoint!="/metrics"})': "it counts all but those to /metrics: `!=` is *not equal*",
        'sum(http_requests_total{endpoint="/metrics", status_code="200"})': "it counts only what was answered with 200",
        'count(http_requests_total{endpoint="/metrics"})': "`count` counts the series; `sum` adds up their values",
        'sum(rate(http_requests_total{endpoint="/metrics"}[1m]))': "it asks how many a second: leave out `rate`",
        'sum(increase(http_requests_total{endpoint="/metrics"}[1m]))': (
            "it asks how many came in the last minute, and not since the start: leave out `increase`"
        ),
        'sum(increase(http_requests_total{endpoint="/metrics"}[1h]))': (
            "it asks how many came in a window, and not since the start: leave out `increase`"
        ),
    }
    assert_same_numbers(query, 'sum(http_requests_total{endpoint="/metrics"})', mistakes, first_app)


def exercise_2(mine: Any) -> None:
    """A counter with a label and a gauge, in a registry of their own."""
    assert isinstance(mine, CollectorRegistry), (
        "`mine` is no CollectorRegistry any more: begin your cell with mine = CollectorRegistry()"
    )
    found = {sample.name: family for family in mine.collect() for sample in family.samples}
    found |= {"lifeboats_total" if family.name == "lifeboats" else family.name: family for family in mine.collect()}
    elsewhere = {family.name for family in REGISTRY.collect()} & {"lifeboats", "people_aboard"}
    for name, kind in METRICS.items():
        astray = elsewhere & {name.removesuffix("_total")}
        hint = ": it is in the library's own registry, because `registry=mine` is missing" if astray else " yet"
        assert name in found, f"there is no {kind} {name} in `mine`{hint}"
        assert found[name].type == kind, f"{name} is a {found[name].type}, and not a {kind}"
    boats = {
        tuple(sorted(sample.labels.items())): sample.value
        for sample in found["lifeboats_total"].samples
        if sample.name == "lifeboats_total"  # and not the time at which it was made
    }
    for (side, name), right in {("port", "left"): 2, ("starboard", "right"): 1}.items():
        labels = (("side", side),)
        assert labels in boats, f'there is no series lifeboats_total{{side="{side}"}}: nothing is counted on the {name}'
        assert boats[labels] == right, f'of side="{side}", {boats[labels]:g} boats are counted, and not {right}'
    assert len(boats) == 2, (
        f"there are {len(boats)} series of lifeboats_total, and not two: {sorted(boats)}. "
        "Leave out what is neither port nor starboard"
    )
    labels_of_people = {label for sample in found["people_aboard"].samples for label in sample.labels}
    assert not labels_of_people, f"the gauge people_aboard has a label, {', '.join(labels_of_people)}: leave it out"
    people = [sample.value for sample in found["people_aboard"].samples]
    assert people == [1306], f"the gauge people_aboard is not 1306, but {', '.join(f'{one:g}' for one in people)}"
