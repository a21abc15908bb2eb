"""prometheus/rules: each rule against its unit tests in tests/rules, its metrics against the apps that export them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from collecting import names_of_drift
from conftest import import_anew
from prometheus_client import REGISTRY

from classroom.servers import prometheus_release, prometheus_rules
from dashboard_preview import durations
from titanic import store
from titanic.dataset import read_passengers
from titanic.model import champion_origin, load_model

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
RULES = {
    rule.get("record") or rule["alert"]: rule
    for file in FILES
    for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
}
EXPRESSIONS = {name: rule["expr"] for name, rule in RULES.items()}
RECORDS = [name for name, rule in RULES.items() if "record" in rule]
ALERTS = [name for name, rule in RULES.items() if "alert" in rule]
ALWAYS = "Watchdog"  # it always fires, so it asks for nothing, waits for nothing, and is no alarm
TESTS = [
    test
    for file in (ROOT / "tests" / "rules").glob("*.yml")
    for test in yaml.safe_load(file.read_text(encoding="utf-8"))["tests"]
]
WORDS = {"and", "or", "unless", "bool", "on", "ignoring"}

needs_promtool = pytest.mark.skipif(prometheus_release.find("promtool") is None, reason="there is no promtool here")


def promtool(*arguments):
    """Run promtool; it must be content."""
    command = [prometheus_release.find("promtool"), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


# The unit tests


@needs_promtool
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_rules_of_a_file_answer_as_its_unit_tests_say(file):
    promtool("test", "rules", ROOT / "tests" / "rules" / file.name)


@needs_promtool
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_rules_need_no_sample_at_the_very_start_of_a_window(file, tmp_path):
    # To Prometheus 2 the window [1m] holds five scrapes, if it begins with one; to Prometheus 3 it never holds more
    # than four. Windows that are a millisecond shorter have four with both.
    shutil.copytree(ROOT / "tests" / "rules", tmp_path / "tests" / "rules")
    (tmp_path / "prometheus" / "rules").mkdir(parents=True)
    for rules in FILES:
        shorter = rules.read_text(encoding="utf-8")
        for window in (1, 5, 30):
            shorter = shorter.replace(f"[{window}m]", f"[{window - 1}m59s999ms]")
        assert not re.search(r"\[\d+m\]", shorter)
        (tmp_path / "prometheus" / "rules" / rules.name).write_text(shorter, encoding="utf-8")
    promtool("test", "rules", tmp_path / "tests" / "rules" / file.name)


@pytest.mark.parametrize("name", RECORDS)
def test_each_recording_rule_has_a_unit_test_with_a_number_and_one_without(name):
    tests = [test for group in TESTS for test in group.get("promql_expr_test", []) if name in test["expr"]]
    assert any(test.get("exp_samples") for test in tests), f"no unit test shows a number of {name}"
    assert any(not test.get("exp_samples") for test in tests), f"no unit test shows when {name} has no number"


@pytest.mark.parametrize("name", ALERTS)
def test_each_alert_has_a_unit_test_in_which_it_fires_and_one_in_which_it_does_not(name):
    tests = [test for group in TESTS for test in group.get("alert_rule_test", []) if test["alertname"] == name]
    assert any(test.get("exp_alerts") for test in tests), f"{name} fires in no unit test"
    assert any(not test.get("exp_alerts") for test in tests) == (name != ALWAYS), f"{name} fires in each unit test"


# What the rules are made of


@needs_promtool
def test_promtool_accepts_the_rules():
    promtool("check", "rules", "--lint=all", "--lint-fatal", *FILES)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_how_urgent_it_is_what_is_wrong_and_what_to_do(name):
    rule = RULES[name]
    assert rule["labels"]["severity"] in (("none",) if name == ALWAYS else ("page", "ticket"))
    assert set(rule["annotations"]) == {"summary", "what_to_do"}
    assert all(text.endswith(".") for text in rule["annotations"].values())
    assert ("for" in rule) == (name != ALWAYS)


@pytest.fixture(scope="module")
def exported():
    """The names of all metrics that the apps export."""
    names = set()
    scripts = [*(ROOT / "apps").glob("prometheus_*_app.py"), *(ROOT / "apps").glob("scouter_*_app.py")]
    for script in sorted(scripts):
        import_anew(script.stem)
        names |= set(REGISTRY._names_to_collectors)
    names |= names_of_drift()
    # A counter is only exported as ..._total, and a histogram as ..._bucket, ..._sum and ..._count.
    return {name for name in names if not names & {f"{name}_total", f"{name}_bucket"} and "_created" not in name}


def metrics_in(expression):
    """The names of the metrics in an expression: the words that are no label, no function and no operator."""
    for other in (r"\{[^}]*\}", r"\[[^\]]*\]", r"\b(by|without|on|ignoring)\s*\([^)]*\)"):
        expression = re.sub(other, " ", expression)
    return set(re.findall(r"(?<![\w:.])[a-zA-Z_:][\w:]*\b(?!\s*\()", expression)) - WORDS


def test_the_metrics_of_an_expression_are_found():
    expression = 'sum by (job, le) (rate(a_total{b="c"}[5m])) / (app:d:e > 0) or 0 * f and g >= bool 1'
    assert metrics_in(expression) == {"a_total", "app:d:e", "f", "g"}


@pytest.mark.parametrize("name", RULES)
def test_each_metric_in_a_rule_is_exported_by_an_app_or_recorded(name, exported):
    names = metrics_in(EXPRESSIONS[name])
    assert bool(names) == (name != ALWAYS)
    assert names <= exported | set(RECORDS) | {"up"}


def test_the_alert_on_the_mix_knows_the_share_of_the_trained_model(champion):
    passengers, _ = read_passengers()
    share = (load_model().predict_proba(passengers)[:, 1] > 0.5).mean()
    (written,) = re.findall(r"survived:ratio - ([\d.]+)\)", EXPRESSIONS["PredictionMixAwayFromTraining"])
    assert float(written) == pytest.approx(share, abs=0.02)


def test_the_alert_on_the_accuracy_knows_that_of_the_trained_model(champion):
    import mlflow

    run = mlflow.MlflowClient(store.tracking_uri()).get_run(champion_origin()["run_id"])
    written = set(map(float, re.findall(r"0\.81\b", EXPRESSIONS["AccuracyBelowTraining"])))
    assert written == {round(run.data.metrics["accuracy"], 2)}
    assert f"{min(written):.0%}" in RULES["AccuracyBelowTraining"]["annotations"]["summary"]


# The same rules for another scrape interval


@pytest.mark.parametrize(
    ("duration", "length"),
    [("500ms", 500), ("15s", 15_000), ("1m", 60_000), ("1m30s", 90_000), ("1h0m1s5ms", 3_601_005), ("1d", 86_400_000)],
)
def test_a_duration_is_read(duration, length):
    assert durations.milliseconds(duration) == length


@pytest.mark.parametrize(
    ("interval", "scaled"),
    [
        ("15s", ["60s", "90s", "300s", "0s", "500ms"]),
        ("1s", ["4s", "6s", "20s", "0s", "34ms"]),
        ("500ms", ["2s", "3s", "10s", "0s", "17ms"]),
        ("250ms", ["1s", "1500ms", "5s", "0s", "9ms"]),
        ("1m", ["240s", "360s", "1200s", "0s", "2s"]),
    ],
)
def test_each_duration_of_a_rule_is_scaled_and_nothing_else(interval, scaled):
    rule = 'expr: rate(a_1m{b="5m"}[%s]) > rate(c[%s]) + rate(d[%s])\nfor: %s\nkeep_firing_for: %s\n# 5m and [job]'
    written = rule % ("1m", "1m30s", "5m", "0s", "500ms")
    assert prometheus_rules.scaled(written, interval) == rule % tuple(scaled)


@needs_promtool
@pytest.mark.parametrize("interval", ["100ms", "1s", "15s", "1m", "1h"])
def test_promtool_accepts_the_scaled_rules(interval, tmp_path):
    prometheus_rules.write(tmp_path / "rules", interval)
    written = sorted((tmp_path / "rules").iterdir())
    assert [file.name for file in written] == [file.name for file in FILES]
    promtool("check", "rules", "--lint=all", "--lint-fatal", *written)


def test_scaled_rules_differ_from_the_written_ones_in_their_durations_only(tmp_path):
    (tmp_path / "from_before.yml").write_text("groups: []")
    prometheus_rules.write(tmp_path, "1s")
    assert not (tmp_path / "from_before.yml").exists()
    for file in FILES:
        copy = (tmp_path / file.name).read_text(encoding="utf-8")
        rules = yaml.safe_load(
            copy.replace("240s", "1h").replace("120s", "30m").replace("4s", "1m").replace("20s", "5m")
        )
        assert rules == yaml.safe_load(file.read_text(encoding="utf-8"))
        assert "[1m]" not in copy
        assert "for: 1m" not in copy
