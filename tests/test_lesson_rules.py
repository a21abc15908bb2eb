"""A rule that a learner writes as YAML is read, shown, loaded into the Prometheus of the lesson, and fires."""

import pytest

from classroom import prometheus, rules
from classroom.servers.prometheus_configuration import Configuration
from titanic.problem import Problem

RULE = """
- alert: AlwaysThere
  expr: vector(1) > 0 and on() count_over_time(up[1m]) > 0
  for: 1m
  labels:
    severity: page
"""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- alert: A\n  expr: ...\n", "There are still three dots in the rule."),
        ("- alert: A\n   expr: up\n", "It is no YAML, in line 2: mapping values are not allowed here."),
        ("up == 0", "It is not one rule: begin with"),
        ("", "It is not one rule: begin with"),
        ("- alert: A\n- alert: B\n", "It is not one rule: begin with"),
        ("groups: [1]", "It is not one rule: begin with"),
    ],
)
def test_what_is_not_one_rule_is_said_in_a_sentence(text, why):
    with pytest.raises(Problem) as error:
        rules.rule_in(text)
    assert str(error.value).startswith(why)


def test_a_rule_is_read_however_it_is_written():
    alone = "alert: A\nexpr: up ... \n"  # three dots in an expression are for Prometheus to judge
    written = [alone, "- alert: A\n  expr: up ...\n", "groups:\n- name: g\n  rules:\n  - {alert: A, expr: up ...}\n"]
    assert [rules.rule_in(text) for text in written] == [{"alert": "A", "expr": "up ..."}] * 3


def test_the_values_of_a_rule_stay_as_they_are_written():
    labels = "    release: 1.10\n    on_call: yes\n    build: 0123\n"
    file = rules.file_with(rules.rule_in(f"alert: A\nexpr: 1\nkeep_firing_for: 0s\nlabels:\n{labels}"))
    assert [line.strip() for line in labels.splitlines()] == [line.strip() for line in file.splitlines()[-3:]]


def test_rules_are_shown_as_they_stand_in_their_file(capsys):
    rules.show_rules("app:titanic_predictions:rate", "HighErrorRatio")
    first, second = capsys.readouterr().out.rstrip().split("\n\n")
    assert first.splitlines() == [
        "- record: app:titanic_predictions:rate",
        "  expr: sum by (job) (rate(titanic_predictions_total[5m]))",
    ]
    assert [line.split()[0] for line in second.splitlines() if line[2] != " "] == [
        "-", "expr:", "for:", "labels:", "annotations:",
    ]  # fmt: skip
    with pytest.raises(Problem, match="No rule in prometheus/rules has the name up"):
        rules.show_rules("up")


REFUSED = {
    "annotation:\n    summary: x": "field annotation not found",
    "for: 30s30s": 'duration string: "30s30s"',
    "record: x": "only one of",
    "labels: {team: [a]}": "cannot unmarshal",
    "annotations: {summary: '{{ $x }}'}": "undefined variable",
}


@pytest.mark.skipif(prometheus.prometheus_server.find() is None, reason="there is no Prometheus on this machine")
@pytest.mark.parametrize("line", REFUSED)
def test_a_rule_that_prometheus_would_refuse_is_refused_with_its_words(line):
    assert rules.loadable(rules.rule_in(RULE)).startswith("groups:")
    with pytest.raises(Problem, match=f"^Prometheus refuses it: .*{REFUSED[line]}") as error:
        rules.loadable(rules.rule_in(f"- alert: A\n  expr: up\n  {line}\n"))
    assert "mine.yml" not in str(error.value)
    assert "line" not in str(error.value)


def test_a_rule_stands_beside_those_of_the_course_with_its_times_fitted(tmp_path):
    file = Configuration("1s", more_rules=[rules.file_with(rules.rule_in(RULE))]).file(tmp_path)
    assert "- rules/*.yml\n- more_rules_1.yml\n" in file.read_text()
    more = (tmp_path / "more_rules_1.yml").read_text()
    assert "up[4s]" in more
    assert "for: 4s" in more


def test_without_an_interval_of_its_own_a_rule_is_added_too(tmp_path):
    file = Configuration(more_rules=[rules.file_with(rules.rule_in(RULE))]).file(tmp_path)
    assert file.parent == tmp_path
    assert "for: 1m" in (tmp_path / "more_rules_1.yml").read_text()


@pytest.mark.skipif(prometheus.prometheus_server.find() is None, reason="there is no Prometheus on this machine")
def test_a_rule_of_a_learner_fires_and_one_that_is_none_leaves_all_as_it_was(capsys):
    first = prometheus.start_prometheus("500ms")
    try:
        assert prometheus.start_prometheus("500ms", rule="- alert: A\n  expr: ...\n") is None
        assert capsys.readouterr().out.endswith("The rule is not loaded. There are still three dots in the rule.\n")
        for wrong in ("- alert: A\n  expr: up up\n", f"{RULE}  annotation:\n    summary: x\n"):
            assert prometheus.start_prometheus("500ms", rule=wrong) is None
            assert "The rule is not loaded. Prometheus refuses it: " in capsys.readouterr().out
        assert len(prometheus.promql("vector(1)")) == 1
        first = prometheus.start_prometheus("500ms", rule=RULE)
        assert prometheus.wait_for_alert("AlwaysThere")[-1] == "firing"
    finally:
        first.stop()
