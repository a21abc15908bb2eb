"""What a script writes out in full and a later script imports from titanic/ is the same text."""

import ast

import pytest

from classroom.servers.scripts import read
from classroom.source import cut

MODEL_METRICS = [
    "titanic_predictions_total", "titanic_predictions_output_total", "prediction_type_total",
    "passenger_age_distribution", "KINDS", "predictions_of_class", "predictions_of_kind", "seconds_of_kind",
    "predict_and_count",
]  # fmt: skip
SAME = {
    ("prometheus_01_four_signal_monitor_app", "titanic/golden_signals"): [
        "SECONDS", "METHODS", "begin_at_zero", "FourSignals", "measure", "http_requests_total",
        "http_request_duration_seconds", "http_errors_total", "this_process",
    ],
    ("prometheus_02_model_monitor_app", "titanic/model_metrics"): MODEL_METRICS,
    ("prometheus_03_logging_app", "titanic/prediction_log"): [
        "PredictionLog", "app_log", "log_path", "lifespan", "prediction_log_errors_total",
    ],
    ("prometheus_05_outcome_app", "titanic/outcome_route"): [
        "log", "DELAYS", "NOT_STORED", "outcomes_total", "outcomes_of", "outcome_delay_seconds",
    ],
}  # fmt: skip

# What differs, and why. Each is the text in the script, and the text in the block that says the same.
WANTED = [
    # A script of apps/ is one folder higher than a block.
    ("prometheus_03_logging_app", "titanic/prediction_log", "LOGS", {"parents[1]": "parents[2]"}),
    # The block has imported the name, the script the module.
    (
        "prometheus_02_model_monitor_app", "titanic/model_metrics", "model_inference_seconds",
        {"golden_signals.SECONDS": "SECONDS"},
    ),
    # With several workers, which are lesson 12, the gauges must say how they are added up, and each measures itself
    # each second, because another one may be asked.
    *[
        ("prometheus_01_four_signal_monitor_app", "titanic/golden_signals", gauge,
         {"')": "', multiprocess_mode='livesum')"})
        for gauge in ("http_requests_in_progress", "cpu_usage_percent", "memory_usage_bytes")
    ],
    (
        "prometheus_01_four_signal_monitor_app", "titanic/golden_signals", "metrics",
        {"@app.": "@router.", "generate_latest()": "generate_latest(registry())", "    measure()\n": "",
         "Look at the processor and the memory, then tell": "Tell"},
    ),
    # In a block there is no app yet: a router stands for it, and the request brings the app.
    *[
        ("prometheus_03_logging_app", "titanic/logged_routes", route,
         {"@app.": "@predictions.", "model: ModelDep": "model: ModelDep, request: Request",
          "    app.state": "    request.app.state"})
        for route in ("predict_survival", "predict_survival_batch")
    ],
    (
        "prometheus_05_outcome_app", "titanic/outcome_route", "take_outcomes",
        {"@app.post('/outcomes')\n": "", "outcomes: Outcomes": "outcomes: Outcomes, request: Request",
         "app.state": "request.app.state"},
    ),
]  # fmt: skip


def text(script, name):
    """The definition of this name, without comments and in one way of writing."""
    return ast.unparse(ast.parse(cut(read(script), name, script)))


@pytest.mark.parametrize(("script", "block", "name"), [(*pair, name) for pair, names in SAME.items() for name in names])
def test_a_script_and_its_block_say_the_same(script, block, name):
    assert text(script, name) == text(block, name)


@pytest.mark.parametrize(("script", "block", "name", "changes"), WANTED)
def test_a_script_and_its_block_differ_only_as_they_should(script, block, name, changes):
    expected = text(script, name)
    for old, new in changes.items():
        assert old in expected, f"{old} is no longer there: this difference need not be named"
        expected = expected.replace(old, new)
    assert expected == text(block, name)


def definitions(script):
    """The names of the functions, classes and variables that a script defines."""
    found = set()
    for node in ast.parse(read(script)).body:
        targets = getattr(node, "targets", [])
        found |= {getattr(node, "name", None), *(getattr(target, "id", None) for target in targets)}
    return found - {None}


@pytest.mark.parametrize(
    "block", ["golden_signals", "model_metrics", "prediction_log", "logged_routes", "outcome_route"]
)
def test_no_shared_name_is_forgotten(block):
    block = f"titanic/{block}"
    compared = {(script, name) for (script, other), names in SAME.items() if other == block for name in names}
    compared |= {(script, name) for script, other, name, _ in WANTED if other == block}
    (script,) = {script for script, _ in compared}
    assert {name for _, name in compared} == definitions(script) & definitions(block)
