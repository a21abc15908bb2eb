"""Let Prometheus answer a learner's query on invented numbers, by promtool, which comes with it.

So a check needs no app, no traffic and no waiting, and its numbers are such that each mistake gives another one.
"""

import json
import math
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from classroom.servers import prometheus_server
from classroom.servers.prometheus_release import find
from classroom.servers.temporary import temporary_folder
from titanic.problem import Problem

# Three minutes with a scrape each second. Each minute, what comes is another; so a window of the wrong length, or no
# window, is seen at these moments (seconds); a second too long or too short, at the 127th.
MINUTE = 60
MOMENTS = (30, 62, 80, 110, 122, 127, 150, 174)
TARGET = {"app": "fastapi", "instance": "127.0.0.1:8000", "job": "fastapi_app"}
# What the words of Prometheus mean for whoever has not met them.
HINTS = {
    "expected type range vector": "It needs a window: write [1m], or how long you want it, directly behind the braces",
    "ranges only allowed for vector selectors": "The window stands inside of rate(...), directly behind the braces",
    "inside braces": "Put the value of a label in double quotes",
}
FOR_GAUGES = re.compile(r"\b(i?delta|deriv|predict_linear|holt_winters|double_exponential_smoothing)\s*\(")
Labels = Mapping[str, str]
Series = dict[str, str]  # by name and labels, as one writes them: the values, as promtool wants them
Growth = Sequence[float]  # by so much a second, in the first, second and third minute


def name_of(metric: str, labels: Labels) -> str:
    """A series as one writes it, with the labels that Prometheus adds."""
    pairs = ",".join(f'{label}="{value}"' for label, value in {**labels, **TARGET}.items())
    return f"{metric}{{{pairs}}}"


def counter(metric: str, growth: Growth, **labels: str) -> Series:
    """A series that grows so, as if the app had run for a minute before: it begins with more than 0."""
    values, total = [], growth[0] * MINUTE
    for one in growth:
        values.append(f"{total:g}+{one:g}x{MINUTE - 1}")
        total += one * MINUTE
    return {name_of(metric, labels): " ".join(values)}


def gauge(metric: str, value: Sequence[float | None], **labels: str) -> Series:
    """A series that has these values in the three minutes; None: there is no series in that minute."""
    parts = [f"stale _x{MINUTE - 1}" if one is None else f"{one:g}x{MINUTE - 1}" for one in value]
    return {name_of(metric, labels): " ".join(parts)}


def app_series() -> Series:
    """The metrics of the apps of lessons 08 to 13, in these three minutes."""
    singles, batches, simulations = (3.0, 6.0, 1.0), (2.0, 1.0, 4.0), (0.25, 2.0, 5.0)
    requests: dict[tuple[str, str, str], Growth] = {
        ("POST", "/predict_single", "200"): singles,
        ("POST", "/predict_single", "422"): (1.0, 0.0, 2.0),
        ("POST", "/predict_single", "500"): (0.0, 1.0, 0.0),
        ("POST", "/predict_batch", "200"): batches,
        ("POST", "/predict_batch", "500"): (0.0, 0.0, 0.0),
        ("POST", "/simulate_predictions", "200"): simulations,
        ("GET", "/", "200"): (1.0, 0.0, 3.0),
        ("GET", "/health", "200"): (2.0, 2.0, 2.0),
        ("GET", "/metrics", "200"): (1.0, 1.0, 1.0),
        ("GET", "/metrics", "500"): (0.5, 0.0, 1.0),
        ("GET", "<unmatched>", "404"): (0.0, 3.0, 1.0),
    }
    series: Series = {}
    durations: dict[tuple[str, str], Growth] = {}
    for (method, endpoint, status_code), growth in requests.items():
        where = {"method": method, "endpoint": endpoint}
        series |= counter("http_requests_total", growth, **where, status_code=status_code)
        if status_code == "500":
            series |= counter("http_errors_total", growth, **where)
        so_far = durations.get((method, endpoint), [0.0, 0.0, 0.0])
        durations[method, endpoint] = [one + more for one, more in zip(so_far, growth, strict=True)]
    for (method, endpoint), growth in durations.items():
        series |= histogram("http_request_duration_seconds", growth, 0.02, method=method, endpoint=endpoint)
    kinds = {"single": singles, "batch": batches, "simulation": simulations}
    passengers = {"single": 1, "batch": 10, "simulation": 7}
    predicted = [0.0, 0.0, 0.0]
    for kind, growth in kinds.items():
        counted = [each * passengers[kind] for each in growth] if kind == "simulation" else growth
        series |= counter("prediction_type_total", counted, type=kind)
        series |= histogram("model_inference_seconds", growth, 0.001, type=kind)
        predicted = [so_far + each * passengers[kind] for so_far, each in zip(predicted, growth, strict=True)]
    series |= counter("titanic_predictions_total", predicted)
    for predicted_class, share in ("0", 0.75), ("1", 0.25):
        part = [each * share for each in predicted]
        series |= counter("titanic_predictions_output_total", part, predicted_class=predicted_class)
    series |= histogram("passenger_age_distribution", predicted, (30.0, 50.0, 20.0))
    return series


def histogram(metric: str, growth: Growth, mean: float | Sequence[float], **labels: str) -> Series:
    """The series of a histogram: so many values a second, with this mean (of each minute), half of them up to it."""
    means = [mean] * len(growth) if isinstance(mean, float) else mean
    sums = [count * value for count, value in zip(growth, means, strict=True)]
    half = [count / 2 for count in growth]
    return (
        counter(f"{metric}_count", growth, **labels)
        | counter(f"{metric}_sum", sums, **labels)
        | counter(f"{metric}_bucket", half, **labels, le=str(means[0]))
        | counter(f"{metric}_bucket", growth, **labels, le="+Inf")
    )


def restarted(series: Series) -> Series:
    """Counters that begin at 0 each minute: their app has started again."""
    return {name: re.sub(r"(?<![^ ])[^ +]+\+", "0+", values) for name, values in series.items()}


def first_app() -> Series:
    """What the app of lesson 08 tells, which starts again each minute."""
    names = re.compile(r'http_requests_total\{.*endpoint="(/|/metrics|<unmatched>)"')
    return restarted({name: values for name, values in app_series().items() if names.match(name)})


def two_instances() -> Series:
    """app_series, and the same from another instance, which starts again each minute."""
    other = {name.replace(TARGET["instance"], "127.0.0.1:8001"): values for name, values in app_series().items()}
    return app_series() | restarted(other)


def answers(queries: list[str], series: Series) -> list[list[list[float]]]:
    """For each query, and each of MOMENTS, the numbers of the series that it finds.

    AssertionError: Prometheus does not understand a query. Problem: there is none on this machine.
    """
    if prometheus_server.find() is None:
        raise Problem(prometheus_server.NONE_FOUND)
    promtool = find("promtool")
    if promtool is None:
        raise Problem("The check needs promtool, which comes with Prometheus: put it beside it, in the same folder.")
    # Nothing has the label that is expected here, so promtool tells of each query what was found instead.
    expected = [{"labels": '{nothing="has this"}', "value": 0}]
    asked = [(query, moment) for query in queries for moment in MOMENTS]
    tests = [{"expr": query, "eval_time": f"{moment}s", "exp_samples": expected} for query, moment in asked]
    values = [{"series": name, "values": numbers} for name, numbers in series.items()]
    test = {"interval": "1s", "input_series": values, "promql_expr_test": tests}
    document = {"evaluation_interval": "2s", "tests": [test]}
    with temporary_folder() as folder:
        file = Path(folder) / "asked.yml"
        file.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML too
        command = [str(promtool), "test", "rules", str(file)]
        run = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    told = re.split(r"^ +expr: ", run.stdout + run.stderr, flags=re.MULTILINE)[1:]
    if len(told) != len(asked):
        raise Problem(f"promtool did not work: {(run.stdout + run.stderr).strip()[-200:]}")
    found = [numbers_in(one) for one in told]
    return [found[start : start + len(MOMENTS)] for start in range(0, len(found), len(MOMENTS))]


def numbers_in(told: str) -> list[float]:
    """The numbers in what promtool tells of one query. AssertionError: it tells of an error in it."""
    error = re.search(r", time: \S+, err: (.+)", told)
    if error:
        place = re.sub(r"^(\d+):(\d+): parse error: ", r"at letter \2 of line \1: ", error[1].strip())
        assert "vector or scalar" not in place, (
            "each series has many values here: put it into a function such as rate(), or leave out [...]"
        )
        hints = [hint for words, hint in HINTS.items() if words in place]
        raise AssertionError(". ".join([f"Prometheus does not understand it, {place}", *hints]))
    got = told.rpartition("got: ")[2]
    return [float(value) for value in re.findall(r"\} (\S+?)(?:,|\s*$)", got, re.MULTILINE)]


@cache
def asked_before(series: Callable[[], Series], *queries: str) -> list[list[list[float]]]:
    """What these find. A check asks the same each time that it runs."""
    return answers(list(queries), series())


def assert_same_numbers(
    query: str,
    right: str,
    mistakes: Mapping[str, str],
    series: Callable[[], Series] = app_series,
    growth: bool = False,
) -> None:
    """AssertionError, unless a query finds in these series the numbers of the right one, however it is written.

    mistakes: other queries, and what is to be said to whoever asks for their numbers. The right one gives one series;
    where there is none, 0 is taken. growth: it is a growth, and right also when one of two instances starts again.
    """
    if "$__" in query:
        raise AssertionError("only Grafana fills in $__rate_interval and $__range. For Prometheus, write a time there")
    given = answers([query], series())[0]
    for_gauges = FOR_GAUGES.search(query)  # here, where no app starts again, it may find the right numbers
    assert for_gauges is None, (
        f"{for_gauges[1]} is for values that rise and fall. A counter begins at 0 when the app starts again: rate and "
        "increase know that"
    )
    wanted, *wrong = asked_before(series, right, *mistakes)
    if same(given, wanted):
        if growth:
            assert_knows_restarts(query, right)
        return
    division = ", and write `sum` on both sides of a division, or on none" if "/" in query else ""
    assert any(given), f"Prometheus finds nothing: look at the names, and at the values of the labels{division}"
    said = [reason for reason, numbers in zip(mistakes.values(), wrong, strict=True) if same(given, numbers)]
    assert not said, said[0]
    one_series = all(len(numbers) <= 1 for numbers in given)
    assert one_series, "Prometheus finds several series, not one: select with {...}, or add up with sum"
    raise AssertionError("its numbers are not the right ones: look at the function, the labels and the window")


def assert_knows_restarts(query: str, right: str) -> None:
    """AssertionError, unless a query finds the right numbers when one of two instances starts again.

    Whoever had one instance in mind need not add up both: that is done here.
    """
    together = [[sum(numbers)] for numbers in answers([query], two_instances())[0]]
    assert same(together, asked_before(two_instances, right)[0]), (
        "it is right only while no app starts again: then one of the added counters falls, and the others do not. Ask "
        "each series for its growth first, with rate or increase, and then add up"
    )


def same(one: list[list[float]], other: list[list[float]]) -> bool:
    """Whether two queries have found the same numbers at each moment.

    Nearly: `rate` guesses what has come before the first scrape of its window, for each series alone. So two right
    ways may differ by a few per cent; a mistake is far more, here.
    """
    pairs = [(sorted(left or [0.0]), sorted(right or [0.0])) for left, right in zip(one, other, strict=True)]
    return all(len(left) == len(right) for left, right in pairs) and all(
        math.isclose(a, b, rel_tol=0.03, abs_tol=1e-9)
        for left, right in pairs
        for a, b in zip(left, right, strict=True)
    )
