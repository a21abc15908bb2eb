"""Prometheus is started with prometheus.yml as the user has written it; what a run overrides, it says, and why."""

import shutil
import subprocess
from pathlib import Path

import pytest
import requests
import yaml
from conftest import ROOT

from classroom.commands import monitor
from classroom.servers import ports, prometheus_configuration, prometheus_release, prometheus_server
from classroom.servers.prometheus_configuration import Configuration
from titanic.problem import Problem

needs_server = pytest.mark.skipif(prometheus_release.find() is None, reason="there is no Prometheus here")
needs_promtool = pytest.mark.skipif(prometheus_release.find("promtool") is None, reason="there is no promtool here")
OWN = (ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
# What the text on which the course is built puts into the file.
SEED = """
global:
  scrape_interval: 15s
  evaluation_interval: 15s
alerting:
  alertmanagers:
    - static_configs:
        - targets:
          # - alertmanager:9093
rule_files:
  # - "first_rules.yml"
scrape_configs:
  - job_name: "prometheus"
    static_configs:
      - targets: ["localhost:9090"]
        labels:
          app: "prometheus"
  - job_name: "fastapi_app"
    static_configs:
      - targets: ["localhost:8000"]
        labels:
          app: "fastapi"
"""
ONE_MORE = OWN + '  - job_name: "mine"\n    scrape_interval: 5s\n    file_sd_configs:\n      - files: ["mine.json"]\n'
WRITTEN = {
    "as it is": OWN,
    "the seed's": SEED,
    "another target": OWN.replace("127.0.0.1:8000", "127.0.0.1:8001"),
    "another interval": OWN.replace("15s", "5s") + "",
    "one more job": ONE_MORE,
    "only jobs": "scrape_configs:\n  - job_name: mine\n    static_configs:\n      - targets: ['127.0.0.1:8000']\n",
    "labels for all": OWN.replace("global:\n", "global:\n  external_labels: {ship: titanic}\n  scrape_timeout: 10s\n"),
    "empty": "# nothing yet\n",
}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """write(text) makes this the content of prometheus.yml, beside the rules of the course."""
    shutil.copytree(ROOT / "prometheus", tmp_path / "prometheus")
    file = tmp_path / "prometheus" / "prometheus.yml"
    (file.parent / "mine.json").write_text('[{"targets": ["127.0.0.1:8123"]}]')
    monkeypatch.setattr(prometheus_configuration, "PROMETHEUS", file.parent)
    monkeypatch.setattr(prometheus_configuration, "FILE", file)
    monkeypatch.delenv("COURSE_COLLECTOR_PORT")
    monkeypatch.delenv("COURSE_ALERTMANAGER_PORT")
    return lambda text: file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_without_anything_to_override_the_users_own_file_is_started(write, tmp_path, text, capsys):
    write(text)
    if "scrape_interval" not in text:  # Prometheus then takes 1m, for which the windows of the rules are too short
        text += "rule_files: []"
        write(text)
    configuration = Configuration()
    assert configuration.changes == []
    assert configuration.file(tmp_path / "data") == tmp_path / "prometheus" / "prometheus.yml"
    assert not (tmp_path / "data").exists()


@needs_server
@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_prometheus_starts_with_what_is_written(write, tmp_path, text):
    write(text)
    port = ports.free_port()
    server = prometheus_server.start(port, 8000, None if "5s" in text else "1s", tmp_path / "data")
    try:
        running = yaml.safe_load(requests.get(f"{server.url}/api/v1/status/config", timeout=30).json()["data"]["yaml"])
        told = requests.get(f"{server.url}/api/v1/rules", timeout=30).json()["data"]["groups"]
    finally:
        server.stop()
    written = yaml.safe_load(text) or {}
    jobs = {job["job_name"]: job for job in written.get("scrape_configs", [])}
    assert [job["job_name"] for job in running.get("scrape_configs", [])] == list(jobs)
    assert bool(told) == bool(written.get("rule_files")), "the rules are found from wherever the file is"
    assert running["global"].get("external_labels") == written.get("global", {}).get("external_labels")
    for job in running.get("scrape_configs", []):
        targets = [target for part in job.get("static_configs", []) for target in part["targets"]]
        said = [target for part in jobs[job["job_name"]].get("static_configs", []) for target in part["targets"]]
        assert targets == [f"127.0.0.1:{port}" if "9090" in target else target for target in said]
        for part in job.get("file_sd_configs", []):
            assert part["files"] == [str(tmp_path / "prometheus" / "mine.json")]


# What stands without quotes and is a text all the same, and what must be a number, or yes or no.
LABELS = {
    "release": "1.10", "on_call": "yes", "build": "0123", "since": "2024-01-01", "at": "12:30", "none": "null",
    "quoted": '"1.10"', "quoted_no": '"no"', "quoted_null": '"null"', "words": "'a: b # c'", "log_file": "app.log",
}  # fmt: skip
TEXTS = """
global:
  external_labels: {ship: 0x1F}
scrape_configs:
  - &first
    job_name: 2024
    honor_labels: yes
    sample_limit: 1_000
    params: {id: [007, on]}
    static_configs:
      - targets: ["127.0.0.1:8000"]
        labels:
""" + "".join(f"          {name}: {value}\n" for name, value in LABELS.items())
TEXTS += "  - {<<: *first, job_name: second, honor_labels: false}\n"


@needs_server
def test_prometheus_reads_the_same_values_from_what_is_written_anew(write, tmp_path):
    def read_by_prometheus(file):
        server = prometheus_server.PrometheusServer(
            port := ports.free_port(),
            [
                *(str(prometheus_release.find()), f"--config.file={file}", f"--storage.tsdb.path={tmp_path / 'data'}"),
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            log=tmp_path / "log",
        )
        try:
            server.wait_until_ready()
            return requests.get(f"{server.url}/api/v1/status/config", timeout=30).json()["data"]["yaml"]
        finally:
            server.kill()

    write(TEXTS)
    configuration = Configuration(own_port=9091)
    configuration.changes.append("written anew, and nothing else")
    anew = configuration.file(tmp_path / "anew")
    assert anew != prometheus_configuration.FILE
    told = read_by_prometheus(anew)
    assert told == read_by_prometheus(prometheus_configuration.FILE)
    assert 'release: "1.10"' in told


LIMITS = """
global: {scrape_interval: 15s, scrape_timeout: 10s}
scrape_configs:
  - {job_name: longer, scrape_timeout: 10s}
  - {job_name: shorter, scrape_timeout: 500ms}
  - {job_name: with an interval of its own, scrape_interval: 30s, scrape_timeout: 20s}
  - {job_name: none, scrape_timeout: 0}
"""


def test_a_limit_that_is_longer_than_the_new_interval_is_dropped_and_no_other(write):
    write(LIMITS)
    settings = Configuration("1s").settings
    assert settings["global"] == {"scrape_interval": "1s", "evaluation_interval": "1s"}
    jobs = {job["job_name"]: job.get("scrape_timeout") for job in settings["scrape_configs"]}
    assert jobs == {"longer": None, "shorter": "500ms", "with an interval of its own": "20s", "none": "0"}
    assert Configuration("2m").settings["scrape_configs"] == Configuration().settings["scrape_configs"]


@needs_promtool
def test_promtool_accepts_these_limits_with_another_interval(write, tmp_path):
    write(LIMITS)
    for interval in (None, "1s", "2m"):
        file = Configuration(interval).file(tmp_path / str(interval))
        command = [prometheus_release.find("promtool"), "check", "config", file]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr


@needs_server
@pytest.mark.parametrize("interval", [None, "1s"])
@pytest.mark.parametrize("rule_files", ["rules/*.yml", "rules/[ow]*.yml"])
def test_the_rules_are_found_in_a_folder_whose_name_looks_like_a_pattern(
    write, tmp_path, monkeypatch, interval, rule_files
):
    write(OWN.replace("rules/*.yml", rule_files))
    folder = tmp_path / "course [1]"
    folder.mkdir()
    (tmp_path / "prometheus").rename(folder / "prometheus")
    monkeypatch.setattr(prometheus_configuration, "PROMETHEUS", folder / "prometheus")
    monkeypatch.setattr(prometheus_configuration, "FILE", folder / "prometheus" / "prometheus.yml")
    port = ports.free_port()
    more = ["groups: [{name: mine, rules: [{record: one, expr: vector(1)}]}]"] if interval else []
    configuration = Configuration(interval, 8000, port, more)
    server = prometheus_server.start(port, data_folder=folder / "data", configuration=configuration)
    try:
        told = requests.get(f"{server.url}/api/v1/rules", timeout=30).json()["data"]["groups"]
    finally:
        server.stop()
    files = {Path(group["file"]).name for group in told}
    assert {"outcomes.yml", "watchdog.yml"} <= files
    assert ("alerts.yml" in files) == (rule_files == "rules/*.yml")
    assert ("more_rules_1.yml" in files) == bool(interval)


def test_what_is_overridden_is_said_in_one_sentence_with_the_reason(write, capsys, monkeypatch):
    write(OWN)
    monkeypatch.setenv("COURSE_COLLECTOR_PORT", "8124")
    monkeypatch.setenv("COURSE_ALERTMANAGER_PORT", "9124")
    configuration = Configuration("1s", 8123, 9123)
    monitor.say_what_is_watched(configuration, 9123)
    first, *more = capsys.readouterr().out.splitlines()
    assert first == (
        "It reads prometheus/prometheus.yml, but it scrapes every 1s, and not every 15s, by --interval; the times in "
        "its rules are fitted to a scrape every 1s; port 9123 stands for 9090, by --port; port 8123 stands for 8000, "
        "by COURSE_PORT; port 8124 stands for 8090, by COURSE_COLLECTOR_PORT; port 9124 stands for 9093, by "
        "COURSE_ALERTMANAGER_PORT."
    )
    assert more == [
        "Nothing answers at 127.0.0.1:8123 yet. In another terminal: python course.py app NAME --port 8123",
        "Nothing answers at 127.0.0.1:8124 yet; before lesson 15 that is right. "
        "In another terminal: python course.py app scouter_01_collector_app",
    ]


def test_ports_are_changed_all_at_once(write, monkeypatch):
    write(OWN.replace("127.0.0.1:8000", "localhost:8000"))
    monkeypatch.setenv("COURSE_COLLECTOR_PORT", "9090")
    targets = [part["targets"] for part in Configuration("1s", 8090, 8000).lists_of_targets()]
    assert targets == [["127.0.0.1:8000"], ["127.0.0.1:8090"], ["127.0.0.1:9090"]]


def test_further_instances_of_the_app_are_watched_beside_the_first(write):
    write(OWN)
    configuration = Configuration("1s", 8001, 9090, more_app_ports=[8002, 8003])
    targets = [part["targets"] for part in configuration.lists_of_targets()]
    assert targets == [["127.0.0.1:9090"], [f"127.0.0.1:{port}" for port in (8001, 8002, 8003)], ["127.0.0.1:8090"]]
    assert "further instances of the app: 2" in configuration.changes


def test_rules_are_fitted_to_a_slower_scrape_that_the_file_asks_for(write, tmp_path, capsys):
    write(OWN.replace("15s", "1m"))
    configuration = Configuration()
    monitor.say_what_is_watched(configuration, 9090)
    assert "the times in its rules are fitted to a scrape every 1m" in capsys.readouterr().out
    settings = yaml.safe_load(configuration.file(tmp_path / "data").read_text())
    assert settings["global"] == {"scrape_interval": "1m", "evaluation_interval": "1m"}
    assert "[240s]" in (tmp_path / "data" / "rules" / "golden_signals.yml").read_text()


def test_a_file_that_watches_nothing_says_so(write, capsys):
    write("")
    monitor.say_what_is_watched(Configuration(), 9090)
    assert "It watches nothing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (OWN.replace("global:", "global"), "prometheus/prometheus.yml is not right in line "),
        (OWN.replace("  scrape", "\tscrape"), "prometheus/prometheus.yml is not right in line "),
        ("just words", "is no configuration of Prometheus"),
        ("- a\n- list\n", "is no configuration of Prometheus"),
        ("scrape_configs: {job_name: x}\n", "is no configuration of Prometheus"),
        ("alerting: soon\n", "is no configuration of Prometheus"),
        ("alerting: {alertmanagers: 9093}\n", "is no configuration of Prometheus"),
        ("alerting: {alertmanagers: [{static_configs: [{targets: 9093}]}]}\n", "is no configuration of Prometheus"),
        ("global: {scrape_interval: often}\n", "scrape_interval in prometheus/prometheus.yml: 'often'"),
        ("global: {scrape_timeout: soon}\n", "scrape_timeout in prometheus/prometheus.yml: 'soon'"),
        ("global: {scrape_interval: 15}\n", "'15' is not a duration"),
        (OWN + "\0", "is not right: unacceptable character #x0000"),
        ("a: " + "[" * 3_000, "is not right: maximum recursion"),
    ],
)
def test_a_file_that_is_none_is_told_in_one_sentence(write, text, told):
    write(text)
    with pytest.raises(Problem, match=told) as problem:
        Configuration("1s")
    assert len(str(problem.value).splitlines()) == 1


def test_an_interval_that_is_left_empty_is_prometheuss_own(write):
    write("global:\n  scrape_interval:\nscrape_configs:\n  - job_name: mine\n    scrape_interval:\n")
    assert (Configuration().interval, Configuration().longest_interval()) == ("1m", "1m")


def test_one_port_is_not_given_to_two(write, monkeypatch):
    write(OWN)
    for ports_given, told in [((8000, 8000), "Prometheus and the app"), ((8090, 9090), "The app and the collector")]:
        with pytest.raises(Problem, match=f"^{told} cannot both have port {ports_given[0]}: choose another"):
            Configuration("1s", *ports_given)


def test_a_file_that_is_missing_is_told(write, tmp_path):
    (tmp_path / "prometheus" / "prometheus.yml").unlink()
    with pytest.raises(Problem, match=r"prometheus/prometheus.yml cannot be read: No such file"):
        Configuration()


@needs_server
def test_what_only_prometheus_finds_wrong_is_said_in_its_words(write, tmp_path):
    write(OWN.replace("job_name", "jobname", 1))
    port = ports.free_port()
    with pytest.raises(Problem) as problem:
        prometheus_server.start(port, 8000, None, tmp_path / "data")
    assert "field jobname not found" in str(problem.value)
    assert "main.go" not in str(problem.value)
    assert len(str(problem.value).splitlines()) == 1


@pytest.mark.parametrize("interval", ["10m", "121s", "1h"])
def test_an_interval_after_which_most_queries_find_nothing_is_refused(write, interval):
    write(OWN)
    with pytest.raises(Problem, match=f"'{interval}' is too long. Prometheus forgets a value after five minutes"):
        monitor.configured(interval, 9090)
    assert monitor.configured("2m", 9090).interval == "2m"


@pytest.mark.parametrize("text", [OWN.replace("15s", "10m"), ONE_MORE.replace("5s\n    file", "10m\n    file")])
def test_such_an_interval_in_the_file_is_started_and_told(write, text, capsys):
    write(text)
    monitor.configured(None, 9090)
    assert "With a scrape only every 10m, most queries find nothing" in capsys.readouterr().out
