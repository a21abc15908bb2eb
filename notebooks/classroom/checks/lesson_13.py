"""The checks of lesson 13."""

from typing import Any

from classroom.checks import truth
from classroom.checks.promql import assert_same_numbers
from dashboard_preview.queries import fill_in

ORDER = ["many requests came at once", "the app was down", "every prediction failed"]
WINDOW = "40s"  # what $__rate_interval stands for here; nobody writes that by hand
SIMULATED = 'sum(rate(prediction_type_total{type="simulation"}[40s]))'
GROWTH = {end: f"sum(rate(passenger_age_distribution_{end}[40s]))" for end in ("sum", "count")}
FIXED = "its window is always a minute: write $__rate_interval in place of it"


def exercise_1(order: Any, slowness_was_the_cause: Any) -> None:
    """What happened in the incident, and what did not cause it."""
    assert isinstance(order, (list, tuple)), "`order` is no list any more"
    assert ... not in order, "there are still three dots in `order`"
    given = [str(sentence).strip(" .").lower() for sentence in order]
    assert sorted(given) == sorted(ORDER), "`order` does not hold the three sentences, each once and word for word"
    assert given[0] == ORDER[0], "one of them came earlier: look at the hill in the panel Traffic"
    assert given == ORDER, "two of them changed places: see where the lines are broken, and when the errors begin"
    assert not truth("slowness_was_the_cause", slowness_was_the_cause), (
        "it was not: when the requests began to fail, the rush was over"
    )


def exercise_2(my_query: Any) -> None:
    """How many passengers are predicted in simulations, in a second."""
    assert isinstance(my_query, str), (
        f"`my_query` is of the type {type(my_query).__name__}, and not a text: put it in quotes"
    )
    assert "__rate_interval" in my_query, "its window is not $__rate_interval"
    mistakes = {
        "sum(rate(prediction_type_total[40s]))": "it counts all types, and not only simulations",
        "sum(rate(titanic_predictions_total[40s]))": "it counts all passengers, and not only those of simulations",
        SIMULATED.replace('="simulation', '!="single'): "it counts all but those that are single, so batches too",
        SIMULATED.replace("=", "!="): "it counts all but the simulations: `!=` is *not equal*",
        SIMULATED.replace("simulation", "single"): "it counts single requests",
        SIMULATED.replace("rate", "increase"): "it asks for the growth in the whole window, and not in a second",
        SIMULATED.replace("rate", "increase") + " / 60": "it divides by 60, however long the window is: use `rate`",
        SIMULATED.replace(WINDOW, "1m"): FIXED,
        'sum(rate(http_requests_total{endpoint="/simulate_predictions"}[40s]))': (
            "it counts the requests; each of them predicts many passengers"
        ),
        'sum(rate(model_inference_seconds_count{type="simulation"}[40s]))': (
            "it counts the calls of the model; each of them predicts many passengers"
        ),
        "max(rate(prediction_type_total[40s]))": "it takes the type of which there is most, whichever that is",
    }
    assert_same_numbers(fill_in(my_query, {"__rate_interval": WINDOW}), SIMULATED, mistakes, growth=True)


def exercise_3(my_panel: Any) -> None:
    """A panel with the mean age of the passengers."""
    title, about, unit = (
        my_panel.get("title"),
        my_panel.get("description"),
        my_panel["fieldConfig"]["defaults"].get("unit"),
    )
    expr = my_panel["targets"][0].get("expr") if my_panel.get("targets") else None
    right = "Mean age of the passengers"
    assert title is not ..., "`title` still holds the three dots"
    assert str(title).strip(" .").lower() == right.lower(), f"the title is {title!r}, and not {right!r}"
    assert isinstance(about, str), "there is no description yet"
    assert len(about.split()) >= 5, "the description is very short: say in a sentence what a sudden change means"
    assert unit == "y", f"the unit is {unit!r}, and not 'y'"
    assert my_panel.get("type") == "timeseries", f"the panel is a {my_panel.get('type')}, and not a timeseries"
    assert isinstance(expr, str), "there is no query yet: the value of `expr`"
    assert len(my_panel["targets"]) == 1, "there is a second query in `targets`: keep only yours"
    assert "__rate_interval" in expr, "the window of the query is not $__rate_interval"
    right = f"{GROWTH['sum']} / {GROWTH['count']}"
    mistakes = {
        f"{GROWTH['count']} / {GROWTH['sum']}": "it divides the count by the sum: turn it over",
        GROWTH["sum"]: "it is the sum of all ages: divide its growth by that of the count",
        "sum(passenger_age_distribution_sum) / sum(passenger_age_distribution_count)": (
            "it is the mean age of all passengers so far: ask for the growth of both, in the window"
        ),
        right.replace(WINDOW, "1m"): FIXED,
    }
    assert_same_numbers(fill_in(expr, {"__rate_interval": WINDOW}), right, mistakes)
