"""From a metric to a message: the real Prometheus, the real Alertmanager and the page of alerts, with exact counts.

Their clock runs 60 times as fast as in the files: Prometheus scrapes every 250 ms and not every 15 s, and all times of
the rules and of the routes are fitted to that. So a minute there is a second here.
"""

import hashlib
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from types import SimpleNamespace

import psutil
import pytest
import requests
import yaml
from answering import answering
from conftest import ROOT
from releases import pack
from serving import App
from waiting import until

from classroom.alertmanager import alerts_there, failed_tries
from classroom.instances import Instance
from classroom.prometheus import ask, start_prometheus
from classroom.servers import (
    alertmanager_release,
    alertmanager_server,
    ports,
    prometheus_configuration,
    prometheus_release,
)
from classroom.servers.alertmanager_release import ALERTMANAGER
from dashboard_preview.durations import milliseconds
from titanic.problem import Problem

NAME = "prometheus_06_alert_app"
needs_alertmanager = pytest.mark.skipif(alertmanager_release.find() is None, reason="there is no Alertmanager here")
needs_both = pytest.mark.skipif(
    None in (alertmanager_release.find(), prometheus_release.find()),
    reason="there is no Alertmanager here, or no Prometheus",
)
needs_amtool = pytest.mark.skipif(alertmanager_release.find("amtool") is None, reason="there is no amtool here")


@needs_amtool
@pytest.mark.parametrize(
    "file", ["prometheus/alertmanager.yml", "prometheus/alertmanager_receivers.yml", "deploy/alertmanager.yml"]
)
def test_amtool_accepts_the_configuration(file):
    command = [alertmanager_release.find("amtool"), "check-config", ROOT / file]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("file", ["alertmanager.yml", "alertmanager_receivers.yml"])
def test_the_watchdog_is_looked_at_more_often_than_it_is_told_and_never_just_too_early(file):
    route = yaml.safe_load((ROOT / "prometheus" / file).read_text(encoding="utf-8"))["route"]
    (watchdog,) = [one for one in route["routes"] if one["matchers"] == ['alertname="Watchdog"']]
    look, again = (milliseconds(watchdog[name]) for name in ("group_interval", "repeat_interval"))
    assert watchdog["group_wait"] == "0s"
    # Only a look tells it; without a group_interval here, that is every five minutes. And a look that comes a moment
    # before the time to tell it again is too early for that.
    assert 5_000 <= -again % look < look / 2


@needs_alertmanager
def test_pager_and_chat_are_told_of_each_of_two_instances(tmp_path, monkeypatch):
    # Their summaries differ: what all alerts of a group have in common is then empty, and PagerDuty refuses that.
    came = {}

    class StandIn(BaseHTTPRequestHandler):
        """Answers in the place of PagerDuty and of Slack, each on a path of its own."""

        def do_POST(self):
            came[self.path] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

    settings = yaml.safe_load((ROOT / "prometheus" / "alertmanager_receivers.yml").read_text(encoding="utf-8"))
    receivers = {one["name"]: one for one in settings["receivers"]}
    (switch,) = receivers["dead man's switch"]["webhook_configs"]
    assert switch["send_resolved"] is False  # that the watchdog is resolved is no sign of life
    (pager,), (chat,) = receivers["pager"]["pagerduty_configs"], receivers["chat"]["slack_configs"]
    settings["route"]["group_wait"] = "500ms"
    with answering(StandIn) as there:
        pager["url"], chat["api_url"] = f"{there.url}/pager", f"{there.url}/chat"
        pager["routing_key"] = "x"
        del pager["routing_key_file"], chat["api_url_file"]
        (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        monkeypatch.setattr(alertmanager_server, "FILE", tmp_path / "alertmanager.yml")
        server = alertmanager_server.start(ports.free_port(), keep_data=False)
        try:
            labels = {"alertname": "AppDown", "severity": "page"}
            alerts = [
                {"labels": labels | {"instance": one}, "annotations": {"summary": f"{one} is down."}} for one in "ab"
            ]
            requests.post(f"{server.url}/api/v2/alerts", json=alerts, timeout=30).raise_for_status()
            until(lambda: {"/pager", "/chat"} <= came.keys(), why=lambda: str(came))
        finally:
            server.stop()
    assert came["/pager"]["payload"]["summary"].strip() == "AppDown: a is down. b is down."
    (shown,) = came["/chat"]["attachments"]
    assert shown["title"] == "AppDown"
    assert [line.strip() for line in shown["text"].splitlines()] == ["a is down.", "b is down."]


# How it is found, fetched and checked: as Prometheus is (test_prometheus_server.py), and under two names


@pytest.mark.skipif(os.name == "nt", reason="Windows starts no shell script")
def test_the_release_is_fetched_checked_and_found(serve, tmp_path, monkeypatch):
    version = ALERTMANAGER.version
    release = f"alertmanager-{version}.linux-amd64"
    archive = pack(f"{release}/alertmanager")
    listed = f"{hashlib.sha256(archive).hexdigest()}  {release}.tar.gz\n".encode()
    files = {f"/v{version}/sha256sums.txt": listed, f"/v{version}/{release}.tar.gz": archive}
    with pytest.raises(Problem, match=r"^Alertmanager was not fetched: its checksum is not that of the release"):
        ALERTMANAGER.fetch(serve(files | {f"/v{version}/{release}.tar.gz": archive + b"x"}), tmp_path)
    assert list(tmp_path.iterdir()) == []
    program = ALERTMANAGER.fetch(serve(files), tmp_path)
    assert subprocess.check_output([program], text=True) == "a tiny alertmanager\n"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("ALERTMANAGER_BIN", raising=False)
    assert ALERTMANAGER.find(tools=tmp_path) == program
    debians = shutil.copy(program, tmp_path / "prometheus-alertmanager")
    assert ALERTMANAGER.find(tools=tmp_path) == debians
    monkeypatch.setenv("ALERTMANAGER_BIN", str(program))
    assert ALERTMANAGER.find(tools=tmp_path) == program


def test_without_one_it_says_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("ALERTMANAGER_BIN", raising=False)
    monkeypatch.setattr(ALERTMANAGER, "find", lambda: None)
    with pytest.raises(Problem, match=r"^There is no Alertmanager on this machine yet: call python course.py monitor"):
        alertmanager_server.start(ports.free_port())


@needs_alertmanager
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("route: [", "prometheus/alertmanager.yml is not right in line 1"),
        ("", "prometheus/alertmanager.yml is no configuration of Alertmanager: lesson 23 shows how one looks"),
        ("route: {receiver: nobody}\nreceivers: []", 'Alertmanager did not start: undefined receiver "nobody"'),
        ("route: {receiver: a, group_wait: soon}\nreceivers: [{name: a}]", "'soon' is not a duration"),
    ],
)
def test_a_wrong_configuration_is_told_in_one_sentence(tmp_path, monkeypatch, text, told):
    (tmp_path / "alertmanager.yml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(alertmanager_server, "FILE", tmp_path / "alertmanager.yml")
    monkeypatch.setattr(prometheus_configuration, "PROMETHEUS", ROOT / "prometheus")
    port = ports.free_port()
    with pytest.raises(Problem) as problem:
        alertmanager_server.start(port, "1s", keep_data=False)
    assert told in str(problem.value)
    assert len(str(problem.value).splitlines()) == 1
    assert not ports.is_taken(port)


@needs_alertmanager
def test_the_users_own_file_is_used_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(alertmanager_server, "TOOLS", tmp_path)
    monkeypatch.delenv("COURSE_ALERT_PORT")
    server = alertmanager_server.start(ports.free_port())
    try:
        assert server.receivers == ("http://127.0.0.1:8010/alerts",)
        assert list(tmp_path.rglob("*.yml")) == []
    finally:
        server.stop()


TEXTS = """
route: {receiver: 007, group_by: [yes, off]}
receivers:
  - name: 007
    webhook_configs:
      - {url: "http://127.0.0.1:8010/alerts", send_resolved: false, max_alerts: 1_0}
    pagerduty_configs:
      - {routing_key: 0123, url: "http://127.0.0.1:1", details: {release: 1.10, on_call: yes, "off": "no", at: 12:30}}
"""


@needs_alertmanager
def test_alertmanager_reads_the_same_values_from_what_is_written_anew(tmp_path, monkeypatch):
    (tmp_path / "alertmanager.yml").write_text(TEXTS, encoding="utf-8")
    monkeypatch.setattr(alertmanager_server, "FILE", tmp_path / "alertmanager.yml")
    monkeypatch.setattr(alertmanager_server, "TOOLS", tmp_path / "tools")
    told = []
    for receiver_port in ("8010", "8011"):
        monkeypatch.setenv("COURSE_ALERT_PORT", receiver_port)
        server = alertmanager_server.start(ports.free_port())
        try:
            status = requests.get(f"{server.url}/api/v2/status", timeout=30).json()
        finally:
            server.stop()
        told.append(status["config"]["original"])
        assert bool(list((tmp_path / "tools").rglob("*.yml"))) == (receiver_port == "8011")
    assert told[0] == told[1].replace("8011", "8010")
    assert 'release: "1.10"' in told[0]


def test_times_and_the_port_are_fitted_and_nothing_else():
    settings = yaml.safe_load((ROOT / "prometheus" / "alertmanager.yml").read_text(encoding="utf-8"))
    fast = alertmanager_server.changed(settings, 8123, "250ms")
    times = ("group_wait", "group_interval", "repeat_interval")
    assert [fast["route"][time] for time in times] == ["500ms", "2s", "240s"]
    assert [fast["route"]["routes"][0][time] for time in times] == ["0s", "1s", "834ms"]
    assert alertmanager_server.addresses(fast) == ("http://127.0.0.1:8123/alerts",)
    assert alertmanager_server.changed(settings, 8010, None) == settings
    fast["route"] = settings["route"]
    fast["receivers"] = settings["receivers"]
    assert fast == settings


class Receiver:
    """The page of alerts, on the port that Alertmanager knows; it can be killed and started again."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.port = ports.setting("COURSE_ALERT_PORT", 8010)
        self.settings = {"ALERT_DATABASE": folder / "alerts.sqlite3", "WATCHDOG_SECONDS": 3} | settings
        self.start()

    def start(self):
        self.app = App(NAME, self.folder, port=self.port, **self.settings)
        self.app.wait_until_ready()

    def firing(self, name=None):
        """The alerts on the page, or those of this name."""
        told = requests.get(f"{self.app.url}/alerts", timeout=30).json()
        return [one for one in told if name in (None, one["labels"]["alertname"])]


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    """The running page of alerts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_ALERT_PORT", str(ports.free_port()))
        patch.setenv("COURSE_ALERTMANAGER_PORT", str(ports.free_port()))
        receiver = Receiver(tmp_path_factory.mktemp("alerts"))
        yield receiver
        receiver.app.stop()


@pytest.fixture(scope="module")
def alertmanager(receiver):
    """A running Alertmanager, which tells this receiver."""
    server = alertmanager_server.start(alertmanager_server.usual(), "250ms", keep_data=False)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def five(alertmanager):
    """Five instances of an app, and the Prometheus that watches them: .instances, .prometheus."""
    instances = [Instance() for _ in range(5)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROMETHEUS_PORT", str(ports.free_port()))
        prometheus = start_prometheus("250ms", app_ports=[one.port for one in instances])
        five = SimpleNamespace(instances=instances, prometheus=prometheus)
        yield five
        five.prometheus.stop()  # a test may have started another
    for one in instances:
        one.stop()


def fire(alertmanager, name, starts_at=None, **labels):
    """Tell Alertmanager of an alert, as Prometheus does."""
    alert = {"labels": {"alertname": name, "severity": "page", **labels}, "annotations": {"summary": "It is wrong."}}
    alert["startsAt"] = (starts_at or datetime.now(UTC)).isoformat(timespec="milliseconds")
    answer = requests.post(f"{alertmanager.url}/api/v2/alerts", json=[alert], timeout=30)
    assert answer.status_code == 200, answer.text


def state(name):
    """The states of the alerts of this name in Alertmanager, and why they are suppressed."""
    table = alerts_there()
    return set(table[table["alert"] == name][["state", "by"]].itertuples(index=False, name=None))


# The way of an alert, with Prometheus. These tests follow each other: each leaves all instances up.


def calm(receiver):
    """True if nothing that is about the instances fires, and the watchdog is there."""
    told = {one["labels"]["alertname"] for one in receiver.firing()}
    return not told & {"AppDown", "SlowAnswers", "WatchdogSilent"} and state("Watchdog")


def all_up(five, receiver):
    """Let all instances be up and fast, and wait until nothing about them fires."""
    for one in five.instances:
        one.seconds = 0.01
        one.start()
    until(lambda: calm(receiver), why=lambda: str(receiver.firing()))


@needs_both
def test_five_that_fall_are_one_message_and_one_more_when_they_are_back(five, receiver):
    until(lambda: calm(receiver))
    for one in five.instances:
        one.stop()
    until(lambda: len(receiver.firing("AppDown")) == 5)
    down = receiver.firing("AppDown")
    assert sorted(one["labels"]["instance"] for one in down) == sorted(f"127.0.0.1:{i.port}" for i in five.instances)
    assert len({one["told_at"] for one in down}) == 1, "they came in one message"
    assert all("does not answer." in one["annotations"]["summary"] for one in down)
    all_up(five, receiver)
    page = requests.get(receiver.app.url, timeout=30).text
    assert page.partition("<h2>Over</h2>")[2].count("<td>AppDown</td>") == 5


@needs_both
def test_what_an_app_that_is_down_explains_is_not_told(five, receiver):
    until(lambda: calm(receiver))
    for one in five.instances[:4]:
        one.stop()
    until(lambda: len(receiver.firing("AppDown")) == 4)
    five.instances[4].seconds = 0.8  # it gets the work of all five
    until(lambda: state("SlowAnswers") == {("suppressed", "another alert")}, why=lambda: str(alerts_there()))
    fired = next(one for one in ask("alerts")["alerts"] if one["labels"]["alertname"] == "SlowAnswers")
    assert fired["state"] == "firing"
    assert receiver.firing("SlowAnswers") == []
    for one in five.instances[:4]:
        one.start()
    until(lambda: receiver.firing("SlowAnswers"))  # the other alert is over, and this one is not
    all_up(five, receiver)


@needs_both
def test_a_silenced_alert_is_told_no_more_and_its_end_is_noticed(five, receiver):
    one = five.instances[0]
    one.stop()
    (down,) = until(lambda: receiver.firing("AppDown"))
    address = f"{receiver.app.url}/alerts/{down['fingerprint']}/silence"
    answer = requests.post(address, headers={"Origin": receiver.app.url}, timeout=30)
    assert answer.status_code == 200
    assert "Silenced until" in answer.text
    assert state("AppDown") == {("suppressed", "a silence")}
    five.instances[1].stop()  # that one is not silenced
    until(lambda: len(receiver.firing("AppDown")) == 2)
    told = {alert["fingerprint"]: alert["times_told"] for alert in receiver.firing("AppDown")}
    assert told == {down["fingerprint"]: 1} | dict.fromkeys(told.keys() - {down["fingerprint"]}, 1)
    silent = datetime.fromisoformat(receiver.firing("AppDown")[1]["silenced_until"]) - datetime.now(UTC)
    assert 3500 < silent.total_seconds() <= 3600
    all_up(five, receiver)


@needs_both
def test_when_prometheus_stops_the_watchdog_is_silent_and_that_is_told_once(five, receiver):
    until(lambda: calm(receiver))
    five.prometheus.kill()
    (silent,) = until(lambda: receiver.firing("WatchdogSilent"))
    assert "no alert can arrive" in silent["annotations"]["summary"]
    (card,) = [
        one for one in requests.get(receiver.app.url, timeout=30).text.split("<article") if "WatchdogSilent" in one
    ][:1]
    assert "Silence for an hour" not in card, "Alertmanager cannot silence it"
    five.prometheus = start_prometheus("250ms", app_ports=[one.port for one in five.instances])
    until(lambda: calm(receiver))
    text = requests.get(receiver.app.url, timeout=30).text
    assert text.count("<td>WatchdogSilent</td>") == 1


# What is lost, and what comes twice: Alertmanager is told by the test, so that no Prometheus is needed


@needs_alertmanager
def test_five_alerts_at_once_are_one_message(alertmanager, receiver):
    five = [{"labels": {"alertname": "Five", "severity": "page", "instance": str(number)}} for number in range(5)]
    requests.post(f"{alertmanager.url}/api/v2/alerts", json=five, timeout=30).raise_for_status()
    told = until(lambda: receiver.firing("Five"))
    assert len(told) == 5
    assert len({one["told_at"] for one in told}) == 1
    assert {one["times_told"] for one in told} == {1}


@needs_alertmanager
def test_failing_requests_are_told_even_while_an_instance_is_down(alertmanager, receiver):
    for name in ("AppDown", "SlowAnswers", "Saturated", "HighErrorRatio"):
        fire(alertmanager, name, job="another app")
    until(lambda: receiver.firing("HighErrorRatio"))
    until(lambda: {*state("SlowAnswers"), *state("Saturated")} == {("suppressed", "another alert")})


@needs_alertmanager
def test_an_alert_that_fires_while_the_receiver_is_down_arrives_once(alertmanager, receiver):
    receiver.app.kill()
    before = failed_tries()
    fire(alertmanager, "WhileDown")
    until(lambda: failed_tries() >= before + 2)
    receiver.start()
    (arrived,) = until(lambda: receiver.firing("WhileDown"))
    assert arrived["times_told"] == 1


@needs_alertmanager
def test_the_receiver_is_killed_at_ten_moments_and_no_alert_is_lost_or_doubled(alertmanager, receiver):
    for moment in range(10):
        for number in range(10):
            fire(alertmanager, f"Moment{moment}", instance=str(number))
        fire(alertmanager, f"AlsoMoment{moment}")
        if moment % 2:  # else it is killed before a message comes
            until(lambda name=f"Moment{moment}": receiver.firing(name))
        receiver.app.kill()
        receiver.start()
    until(lambda: sum("Moment" in one["labels"]["alertname"] for one in receiver.firing()) >= 110)
    told = [(one["labels"]["alertname"], one["labels"].get("instance")) for one in receiver.firing()]
    ours = [one for one in told if "Moment" in one[0]]
    assert len(ours) == len(set(ours)) == 110


@needs_alertmanager
def test_after_kill_9_alertmanager_tells_again_and_the_page_shows_it_once(receiver, tmp_path, monkeypatch):
    # With a folder of its own that stays, as course.py monitor starts it.
    monkeypatch.setattr(alertmanager_server, "TOOLS", tmp_path)
    port = ports.free_port()
    server = alertmanager_server.start(port, "250ms")
    began = datetime.now(UTC)
    fire(server, "BeforeTheKill", began)
    until(lambda: receiver.firing("BeforeTheKill"))
    server.kill()
    server = alertmanager_server.start(port, "250ms")
    try:
        fire(server, "BeforeTheKill", began)  # Prometheus tells it again
        (told,) = until(lambda: [one for one in receiver.firing("BeforeTheKill") if one["times_told"] > 1])
        assert told["times_told"] == 2
    finally:
        server.stop()


@needs_alertmanager
def test_an_alert_that_is_told_again_and_again_is_one_and_the_same(receiver, tmp_path, monkeypatch):
    written = (ROOT / "prometheus" / "alertmanager.yml").read_text(encoding="utf-8")
    assert written.count("group_interval: 2m") == written.count("repeat_interval: 4h") == 1
    often = written.replace("group_interval: 2m", "group_interval: 30s").replace(
        "repeat_interval: 4h", "repeat_interval: 20s"
    )
    (tmp_path / "alertmanager.yml").write_text(often, encoding="utf-8")
    monkeypatch.setattr(alertmanager_server, "FILE", tmp_path / "alertmanager.yml")
    server = alertmanager_server.start(ports.free_port(), "250ms", keep_data=False)
    try:
        fire(server, "Forgotten")
        until(lambda: any(one["times_told"] >= 3 for one in receiver.firing("Forgotten")))
    finally:
        server.stop()


@needs_alertmanager
def test_a_stopped_alertmanager_leaves_nothing(receiver, tmp_path):
    port = ports.free_port()
    server = alertmanager_server.start(port, "250ms", keep_data=False)
    option = f"--web.listen-address=127.0.0.1:{port}"
    (command,) = [
        one.info["cmdline"] for one in psutil.process_iter(["cmdline"])
        if option in (one.info["cmdline"] or []) and "--watch" not in one.info["cmdline"]
    ]  # fmt: skip
    folder = next(part for part in command if part.startswith("--storage.path=")).partition("=")[2]
    assert os.path.isdir(folder)
    server.stop()
    assert not ports.is_taken(port)
    assert not os.path.isdir(folder)
    assert [p for p in psutil.process_iter(["cmdline"]) if option in (p.info["cmdline"] or [])] == []
