"""Every PromQL expression of the lessons and the rules gets an answer from a real Prometheus that watches a real app.

The queries of the dashboard have the same test in test_dashboard.py.
"""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import promql_parser
import pytest
import yaml
from serving import serve
from waiting import until

from book_pages.queries import queries_of
from classroom.checks.promql import app_series
from classroom.prometheus import address, ask
from classroom.servers import prometheus_release, prometheus_server
from titanic.passenger import EXAMPLES

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
BABY = EXAMPLES[0] | {"Age": 0.5}  # the model of this test fails on it


def rules():
    """All rules, by name."""
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]]
    return {rule.get("record") or rule["alert"]: rule for group in groups for rule in group["rules"]}


def measured(expression):
    """What an alert compares with its limits: the sides of its comparisons that are no plain number."""
    if isinstance(expression, promql_parser.ParenExpr):
        return measured(expression.expr)
    if isinstance(expression, promql_parser.BinaryExpr):
        sides = [side for side in (expression.lhs, expression.rhs) if not isinstance(side, promql_parser.NumberLiteral)]
        if str(expression.op) in ("and", "or", "unless", ">", "<", ">=", "<=", "==", "!="):
            return [part for side in sides for part in measured(side)]
    return [expression.prettify()]


LESSON_QUERIES = [(notebook.stem, query) for notebook in NOTEBOOKS for query in queries_of(notebook)]
MISSPELT = {"sum(rate(titanic_prediction_total[10s]))"}  # lesson 13, on purpose


def test_each_lesson_on_prometheus_asks_something():
    asking = {lesson for lesson, _ in LESSON_QUERIES}
    assert {"08", "09", "10", "12", "13"} <= {lesson[:2] for lesson in asking}
    assert len(LESSON_QUERIES) > 25


def be_a_client(app, over):
    """Send requests of every kind until it is over."""
    bodies = [EXAMPLES[0], EXAMPLES[1], BABY, {}]
    while not over.is_set():
        app.get("/")
        app.get("/nowhere")
        app.post("/simulate_predictions")
        app.post("/predict_batch", json=EXAMPLES)
        for body in bodies:
            app.post("/predict_single", json=body)


@pytest.fixture(scope="module")
def server(store_ill_with_babies):
    """A Prometheus that watches prometheus_04 under traffic of every kind."""
    if prometheus_release.find() is None:
        pytest.skip("there is no Prometheus here")
    over = threading.Event()
    with serve("prometheus_04_multi_execute_app", MLFLOW_TRACKING_URI=store_ill_with_babies) as app:
        port, app_port = (int(url.rpartition(":")[2]) for url in (address(), app.url))
        prometheus = prometheus_server.start(port, app_port, "1s", keep_data=False)
        with ThreadPoolExecutor() as pool:
            client = pool.submit(be_a_client, app, over)
            yield prometheus
            over.set()
        client.result()
        prometheus.stop()


def is_answered(query):
    """True if the answer holds at least one number."""
    return any(series["value"][1] != "NaN" for series in ask("query", query=query)["result"])


def wait_for_answer(query, seconds=60):
    """Return when Prometheus answers with at least one number: rules and alerts need some scrapes."""
    until(lambda: is_answered(query), seconds, lambda: f"no answer to {query}")


@pytest.mark.parametrize(("lesson", "query"), [pair for pair in LESSON_QUERIES if pair[1] not in MISSPELT])
def test_what_a_lesson_asks_is_answered(server, lesson, query):
    for part in measured(promql_parser.parse(query)):
        wait_for_answer(part)


# What these ask is told by other apps than the one that is watched here: see test_rules.py and test_dashboard.py.
OF_OUTCOMES = {
    rule for rule in rules() if re.match(r"app:titanic_(outcomes|accuracy|precision|recall|estimated)", rule)
}
ELSEWHERE = OF_OUTCOMES | {"AccuracyBelowTraining", "PredictionsNotWatched"}
ELSEWHERE |= {"DriftNotWatched", "FeatureAwayFromTraining", "MessagesNotStored"}
ELSEWHERE |= {"Watchdog"}  # it asks for no metric


@pytest.mark.parametrize("name", sorted(rules().keys() - ELSEWHERE))
def test_what_a_rule_asks_is_answered(server, name):
    rule = rules()[name]
    if "record" in rule:
        wait_for_answer(rule["record"])
        wait_for_answer(rule["expr"])
    else:
        for part in measured(promql_parser.parse(rule["expr"])):
            wait_for_answer(part)


def test_a_misspelt_metric_is_not_answered(server):
    wait_for_answer("sum(rate(titanic_predictions_total[10s]))")
    assert not any(map(is_answered, MISSPELT))


def test_the_checks_invent_no_series_that_the_app_does_not_have(server):
    """Only then a query that is right for the app is right for a check, too."""
    wait_for_answer("sum(rate(titanic_predictions_total[10s]))")
    real = ask("series", **{"match[]": '{job="fastapi_app"}'})
    labels = {series["__name__"]: {*series} - {"__name__"} for series in real}
    invented = [re.fullmatch(r"(\w+)\{(.*)\}", name).groups() for name in app_series()]
    assert {name: set(re.findall(r'(\w+)="', pairs)) for name, pairs in invented}.items() <= labels.items()


def test_an_expression_of_a_lesson_is_found_however_it_is_written(tmp_path):
    cell = nbformat.v4.new_code_cell(
        'p = "sum(%s)"\nplot_promql(p % "a")\nq = f"rate({p % \'b\'}[1m])"\npromql(q)\npromql("c" + "d").round(1)'
    )
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "some.ipynb")
    assert queries_of(tmp_path / "some.ipynb") == ["cd", "rate(sum(b)[1m])", "sum(a)"]


def test_the_sides_of_an_alert_are_found():
    both = promql_parser.parse("up == 0 and (abs(x - 0.33) > 0.2 or 5 < sum(y))")
    assert [part.replace("{}", "") for part in measured(both)] == ["up", "abs(x - 0.33)", "sum(y)"]
