"""prometheus_06_alert_app: each alert once, whatever Alertmanager sends, and a page that says what to do."""

import asyncio
import os
import re
import sqlite3
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urljoin

import pytest
from alerting_messages import BEGAN, alert, message
from answering import always_answering, answering
from conftest import import_anew
from fastapi.testclient import TestClient

from alerting.alertmanager import Alertmanager, Away
from alerting.store import AlertStore
from alerting.watch import SILENT, Watch
from classroom.servers import ports
from titanic.problem import Problem

NAME = "prometheus_06_alert_app"


@pytest.fixture
def api(tmp_path, monkeypatch):
    """The app, with a file of its own, and an Alertmanager that is not there."""
    monkeypatch.setenv("ALERT_DATABASE", str(tmp_path / "alerts.sqlite3"))
    monkeypatch.setenv("ALERTMANAGER_URL", f"http://127.0.0.1:{ports.free_port()}/")
    with TestClient(import_anew(NAME).app, raise_server_exceptions=False) as client:
        yield client


def send(api, *alerts):
    """Send a message with these alerts, as Alertmanager does."""
    answer = api.post("/alerts", json=message(*alerts))
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"alerts": len(alerts)}


def firing(api):
    """What fires, by name: how often it was told."""
    return {one["labels"]["alertname"]: one["times_told"] for one in api.get("/alerts").json()}


def over(api):
    """How many alerts the page shows as over."""
    return api.get("/").text.partition("<h2>Over</h2>")[2].count("<tr><td>")


# What it keeps


def test_nothing_has_come_yet(api):
    assert api.get("/alerts").json() == []
    page = api.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "No alert fires now" in page.text


def test_an_alert_is_told_with_all_that_one_must_know(api):
    send(api, alert(job="fastapi_app"))
    (known,) = api.get("/alerts").json()
    assert known["labels"] == {"alertname": "AppDown", "severity": "page", "job": "fastapi_app"}
    assert known["annotations"]["what_to_do"] == "Mend it."
    assert datetime.fromisoformat(known["starts_at"]) == BEGAN
    assert known["ended_at"] is known["silenced_until"] is None
    page = api.get("/").text
    for part in ("AppDown: this is wrong.", "Mend it.", "2026-01-02 03:04:05 UTC", "Silence for an hour", "1 firing"):
        assert part in page


def test_an_alert_that_is_told_twice_is_one(api):
    for _ in range(2):
        send(api, alert(), alert("SlowAnswers"))
    assert firing(api) == {"AppDown": 2, "SlowAnswers": 2}
    assert api.get("/").text.count("<article") == 2


def test_firing_and_resolved_come_in_one_message(api):
    send(api, alert(instance="a"), alert(instance="b"))
    send(api, alert(status="resolved", instance="a"), alert(instance="b"))
    assert firing(api) == {"AppDown": 2}
    assert over(api) == 1
    send(api, alert(status="resolved", instance="b"))
    assert (firing(api), over(api)) == ({}, 2)


def test_resolved_that_was_never_told_to_fire_is_over(api):
    send(api, alert(status="resolved"))
    assert (firing(api), over(api)) == ({}, 1)


def test_an_alert_that_was_said_to_be_over_can_fire_on(api):
    # So it is when Prometheus could not reach Alertmanager for some minutes, and meanwhile the alert went on.
    send(api, alert())
    send(api, alert(status="resolved"))
    send(api, alert())
    assert (firing(api), over(api)) == ({"AppDown": 3}, 0)


def test_a_new_start_is_a_new_alert_and_ends_the_old_one(api):
    send(api, alert())
    send(api, alert(start=60))
    assert (firing(api), over(api)) == ({"AppDown": 1}, 1)


def test_the_start_of_an_alert_may_be_corrected(api):
    # So it is when two Prometheus tell of the same alert, and the second has seen it earlier.
    send(api, alert(start=60))
    send(api, alert(start=59))
    assert (firing(api), over(api)) == ({"AppDown": 1}, 1)
    send(api, alert(start=59, status="resolved"))
    assert (firing(api), over(api)) == ({}, 2)


def test_a_late_end_of_an_older_start_does_not_end_what_fires_now(api):
    send(api, alert())
    send(api, alert(start=60))
    send(api, alert(status="resolved"))
    assert firing(api) == {"AppDown": 1}


def test_an_annotation_may_change_while_it_fires(api):
    send(api, alert())
    send(api, alert() | {"annotations": {"summary": "It is worse.", "what_to_do": "Run."}})
    (known,) = api.get("/alerts").json()
    assert known["annotations"]["summary"] == "It is worse."


def test_the_watchdog_is_no_alarm(api):
    send(api, alert("Watchdog"))
    assert firing(api) == {}
    assert "Watchdog" not in api.get("/").text


def test_what_has_been_over_for_90_days_is_forgotten_and_what_fires_is_not(store):
    take(store, 0, alert("Old", status="resolved"), alert("Fires"))
    take(store, 89 * 86_400, alert("New", status="resolved"))
    assert len(store.over(9)) == 2
    take(store, 91 * 86_400, alert("Newest", status="resolved"))
    assert sorted(one.labels["alertname"] for one in store.over(9)) == ["New", "Newest"]
    assert names(store) == ["Fires"]


def test_all_is_there_after_a_restart(api):
    send(api, alert(), alert("SlowAnswers", status="resolved"))
    with TestClient(import_anew(NAME).app) as again:
        assert (firing(again), over(again)) == ({"AppDown": 1}, 1)


def test_what_is_put_into_the_page_is_text(api):
    send(api, alert("<script>alert(1)</script>", job="<img src=x>"))
    page = api.get("/").text
    assert "<script" not in page
    assert "<img" not in page


# What it refuses


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (message(alert()) | {"version": "3"}, "version"),
        (message(alert() | {"status": "maybe"}), "status"),
        (message(alert() | {"fingerprint": ""}), "fingerprint"),
        (message(alert() | {"fingerprint": "a/b"}), "fingerprint"),
        (message(alert() | {"fingerprint": ".."}), "fingerprint"),
        (message(alert() | {"fingerprint": "a\0b"}), "fingerprint"),
        (message(alert() | {"fingerprint": "0123456789abcdef\n"}), "fingerprint"),
        (message(alert() | {"fingerprint": SILENT}), "fingerprint"),
        (message(alert() | {"fingerprint": None}), "fingerprint"),
        (message(alert() | {"startsAt": "yesterday"}), "startsAt"),
        (message(alert() | {"startsAt": "2026-01-02T03:04:05"}), "startsAt"),
        (message(alert() | {"startsAt": "0001-01-01T00:00:00Z"}), "startsAt"),
        (message(alert() | {"endsAt": "9999-12-31T23:59:59Z"}), "endsAt"),
        (message(alert() | {"labels": {"alertname": 7}}), "labels"),
        ({"version": "4"}, "alerts"),
        ([], "body"),
    ],
)
def test_what_is_no_message_is_refused_and_changes_nothing(api, wrong, place):
    answer = api.post("/alerts", json=wrong)
    assert answer.status_code == 422
    assert place in answer.json()["detail"][0]["loc"]
    assert firing(api) == {}


def test_one_wrong_alert_refuses_the_whole_message(api):
    assert api.post("/alerts", json=message(alert(), alert() | {"status": "maybe"})).status_code == 422
    assert firing(api) == {}


def test_a_form_of_another_page_cannot_tell_an_alert(api):
    answer = api.post("/alerts", content=str(message()), headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422


def test_a_file_that_has_gone_is_503_so_that_alertmanager_sends_again(api):
    send(api, alert())
    file = Path(os.environ["ALERT_DATABASE"])
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE alert")
    answer = api.post("/alerts", json=message(alert()))
    assert answer.status_code == 503
    assert "Send this again later." in answer.json()["detail"]
    assert api.get("/alerts").status_code == api.get("/").status_code == 503


# The button


def silence(api, origin=None):
    """Press the button of AppDown; the answer."""
    (known,) = [one for one in api.get("/alerts").json() if one["labels"]["alertname"] == "AppDown"]
    headers = {"Origin": origin} if origin else {}
    return api.post(f"/alerts/{known['fingerprint']}/silence", headers=headers, follow_redirects=False)


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "http://testserver:81", "https://testserver", "null"])
def test_another_page_cannot_press_the_button(api, monkeypatch, origin):
    monkeypatch.setattr(Alertmanager, "silence", lambda *_: pytest.fail("it was silenced"))
    send(api, alert())
    assert silence(api, origin).status_code == 403


def addresses(page):
    """Where the page goes by itself and by its button, as a browser finds it out."""
    found = re.findall(r'(?:url=|action=")([^"]*)"', page.text)
    return [urljoin(str(page.url), address) for address in found]


@pytest.mark.parametrize("prefix", ["", "/hub", "/user/ann/proxy/8010"])
def test_behind_a_prefix_the_page_and_its_button_stay_there(api, monkeypatch, prefix):
    send(api, alert())
    (known,) = api.get("/alerts").json()
    base = f"http://testserver{prefix}"
    button = f"{base}/alerts/{known['fingerprint']}/silence"
    with TestClient(api.app, root_path=prefix) as behind:
        page = behind.get(f"{base}/")
        assert addresses(page) == [f"{base}/", button]
        said = behind.post(button)
        assert said.status_code == 503
        assert addresses(said) == [f"{base}/", button], "without an Alertmanager, the page stands at another address"
        monkeypatch.setattr(Alertmanager, "silence", lambda self, one, time: datetime.now(UTC) + time)
        answer = behind.post(button, follow_redirects=False)
        assert answer.status_code == 303
        assert urljoin(button, answer.headers["Location"]) == f"{base}/"


def test_each_button_is_named_after_its_alert(api):
    send(api, alert(instance="a"), alert(instance="b"), alert("<b>"))
    names = re.findall(r'<button aria-label="([^"]*)">Silence for an hour</button>', api.get("/").text)
    assert len(set(names)) == 3
    assert all(name.startswith("Silence for an hour: ") for name in names)
    assert "Silence for an hour: AppDown, severity: page, instance: a" in names


def test_what_an_older_file_has_as_a_fingerprint_does_not_spoil_the_address_of_a_button(api):
    known = messages_module().Message.model_validate(message(alert())).alerts[0]
    api.app.state.store.take([known.model_copy(update={"fingerprint": "a?b#c d"})], BEGAN)
    assert 'action="/alerts/a%3Fb%23c%20d/silence"' in api.get("/").text
    assert api.post("/alerts/a%3Fb%23c%20d/silence").status_code == 503  # it is found, but there is no Alertmanager


@pytest.mark.parametrize("address", ["", "http://127..0.0.1:9093"])  # the second is no address
def test_without_an_alertmanager_the_button_says_so_and_the_page_stays(api, monkeypatch, address):
    monkeypatch.setattr(api.app.state.alertmanager, "url", address or api.app.state.alertmanager.url)
    send(api, alert())
    answer = silence(api, "http://testserver")
    assert answer.status_code == 503
    assert f"Alertmanager does not answer at {address or 'http://127.0.0.1:'}" in answer.text
    assert "start it with python course.py monitor" in answer.text
    assert "Mend it." in answer.text
    assert api.get("/alerts").json()[0]["silenced_until"] is None


@pytest.fixture(params=["<html>", '{"status": "ok"}', '["ok"]', "null"])
def another_program(request):
    """The address of something that answers in the place of Alertmanager."""
    with always_answering(request.param.encode()) as server:
        yield server.url


def test_what_is_no_alertmanager_is_told_and_silences_nothing(another_program, api, monkeypatch):
    monkeypatch.setenv("ALERTMANAGER_URL", another_program)
    with TestClient(import_anew(NAME).app, raise_server_exceptions=False) as api:
        send(api, alert())
        answer = silence(api, "http://testserver")
        assert answer.status_code == 503
        assert f"What answers at {another_program} is no Alertmanager" in answer.text
        assert api.get("/alerts").json()[0]["silenced_until"] is None


def test_a_proxy_in_the_environment_is_not_asked(api, monkeypatch):
    with answering(BaseHTTPRequestHandler) as proxy:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with pytest.raises(Away, match="does not answer at"):
            Alertmanager(f"http://127.0.0.1:{ports.free_port()}").alerts()
        assert "127.0.0.1" in os.environ["no_proxy"]


@pytest.mark.parametrize("name", ["WATCHDOG_SECONDS", "COURSE_ALERTMANAGER_PORT"])
def test_a_setting_that_is_not_right_is_one_sentence(monkeypatch, name):
    monkeypatch.setenv(name, "soon")
    with pytest.raises(Problem, match=rf"^{name} is not right: [^\n]+\.$"), TestClient(import_anew(NAME).app):
        pass


@pytest.mark.parametrize(
    ("later", "sent", "is_silenced"),
    [
        (3, alert(), True),  # it was on its way already
        (60, alert(), False),
        (60, alert("Other"), True),
        (3000, alert(), False),
    ],
)
def test_an_alert_that_is_told_again_is_not_silenced_any_more(store, later, sent, is_silenced):
    """Somebody has ended the silence in Alertmanager itself; without the button, nobody could silence it again."""
    take(store, 1000, alert())
    (known,) = store.firing()
    store.silence(known.fingerprint, datetime.fromtimestamp(1100 + 3600, UTC))
    take(store, 1100 + later, sent)
    (known,) = (one for one in store.firing() if one.fingerprint == known.fingerprint)
    assert bool(known.silenced_until) == is_silenced


def test_only_what_fires_can_be_silenced(api):
    send(api, alert(status="resolved"))
    assert api.post("/alerts/0123456789abcdef/silence").status_code == 404
    assert api.get("/alerts/0123456789abcdef/silence").status_code == 405


# What no message tells


@pytest.fixture
def store(tmp_path):
    store = AlertStore(tmp_path / "alerts.sqlite3")
    yield store
    store.close()


class There:
    """Stands for what Alertmanager has; None: it does not answer."""

    def __init__(self, *alerts):
        self.has = alerts

    def alerts(self):
        if self.has is None:
            raise Away("")
        return {one["fingerprint"]: one["labels"]["alertname"] for one in self.has}


def take(store, now, *alerts):
    """Keep these alerts at this time."""
    store.take(messages_module().Message.model_validate(message(*alerts)).alerts, datetime.fromtimestamp(now, UTC))


def messages_module():
    from alerting import messages

    return messages


def names(store):
    return sorted(one.labels["alertname"] for one in store.firing())


def test_a_silent_watchdog_is_one_alert_until_it_is_heard_again(store):
    watch = Watch(store, There(), patience=180)
    began = watch.began
    take(store, began + 10, alert("Watchdog"))
    watch.look(began + 189)
    assert names(store) == []
    for later in (191, 195, 1000):
        watch.look(began + later)
        (silent,) = store.firing()
        assert (silent.labels["alertname"], silent.fingerprint) == ("WatchdogSilent", SILENT)
        assert silent.starts_at.timestamp() == pytest.approx(began + 10)
    take(store, began + 1001, alert("Watchdog"))
    watch.look(began + 1002)
    assert names(store) == []
    assert [one.times_told for one in store.over(9)] == [1]


def test_a_watchdog_that_has_ended_is_silent_from_then_on(store):
    watch = Watch(store, There(), patience=180)
    resolved = alert("Watchdog", status="resolved") | {"startsAt": "2026-01-02T03:04:05Z"}
    ended = datetime.fromtimestamp(watch.began + 100, UTC)
    take(store, watch.began + 500, resolved | {"endsAt": ended.isoformat()})
    watch.look(watch.began + 279)
    assert names(store) == []
    watch.look(watch.began + 281)
    assert names(store) == ["WatchdogSilent"]


def test_an_end_of_the_watchdog_that_lies_ahead_does_not_hide_what_is_heard_later(store):
    """Another machine's clock may be fast: the end of one start then lies in the future."""
    watch = Watch(store, There(), patience=180)
    now = watch.began
    ahead = {"startsAt": "2026-01-02T03:04:05Z", "endsAt": datetime.fromtimestamp(now + 3600, UTC).isoformat()}
    take(store, now, alert("Watchdog", status="resolved") | ahead)
    for later in range(60, 600, 60):
        take(store, now + later, alert("Watchdog"))
        watch.look(now + later)
        assert names(store) == []


def test_the_watch_goes_on_whatever_answers_in_the_place_of_alertmanager(store, another_program):
    watch = Watch(store, Alertmanager(another_program), patience=180)
    watch.look(watch.began + 181)
    assert names(store) == ["WatchdogSilent"]


def test_the_watch_goes_on_after_any_error(store, caplog):
    class Broken:
        def alerts(self):
            raise RuntimeError("nobody has expected this")

    async def run(watch):
        task = asyncio.create_task(watch.run())
        while caplog.text.count("cannot keep watch: nobody has expected this") < 2:
            assert not task.done()
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(run(Watch(store, Broken(), patience=0.1)))


def test_a_clock_that_is_set_back_makes_the_watch_deaf_for_its_patience_at_most(store):
    watch = Watch(store, There(), patience=180)
    now = watch.began
    take(store, now + 3600, alert("Watchdog"))  # while the clock was an hour ahead
    watch.look(now + 3600)
    for later, found in ((0, []), (179, []), (181, ["WatchdogSilent"]), (400, ["WatchdogSilent"])):
        watch.look(now + later)
        assert names(store) == found
    take(store, now + 401, alert("Watchdog"))
    watch.look(now + 402)
    assert names(store) == []


def test_a_clock_that_is_set_back_does_not_keep_what_is_over(store):
    dog, down = alert("Watchdog"), alert()
    watch = Watch(store, There(dog), patience=180)
    now = watch.began
    take(store, now + 3600, dog, down)
    watch.look(now + 3600)
    take(store, now, dog)
    watch.look(now)
    take(store, now + 181, dog)
    watch.look(now + 181)
    assert names(store) == []


def test_after_a_start_the_watchdog_has_time_to_speak(store):
    take(store, 1000, alert("Watchdog"))  # long ago
    watch = Watch(store, There(), patience=180)
    watch.look(watch.began + 179)
    assert names(store) == []


def test_a_start_of_the_page_does_not_end_the_alert_about_the_silence(store):
    before = Watch(store, There(), patience=180)
    before.began -= 200
    before.look(before.began + 200)
    started_again = Watch(store, There(), patience=180)
    for later in (1, 100, 1000):
        started_again.look(started_again.began + later)
        assert names(store) == ["WatchdogSilent"]
    assert store.over(9) == []
    take(store, started_again.began + 1001, alert("Watchdog"))
    started_again.look(started_again.began + 1002)
    assert names(store) == []


def test_what_alertmanager_does_not_have_any_more_is_over_after_some_time(store):
    dog, down = alert("Watchdog"), alert()
    watch = Watch(store, There(dog), patience=180)
    now = watch.began
    take(store, now, dog, down)
    for later in (0, 90, 179):
        take(store, now + later, dog)
        watch.look(now + later)
    assert names(store) == ["AppDown"]
    watch.look(now + 181)
    assert names(store) == []


@pytest.mark.parametrize("meanwhile", [None, (), (alert("Watchdog"), alert())], ids=["away", "just started", "back"])
def test_as_long_as_one_cannot_know_it_nothing_is_over(store, meanwhile):
    dog, down = alert("Watchdog"), alert()
    there = There(dog)
    watch = Watch(store, there, patience=180)
    now = watch.began
    take(store, now, down)
    for later in range(0, 2000, 100):
        take(store, now + later, dog)
        there.has = meanwhile if later % 200 else (dog,)
        watch.look(now + later)
        assert names(store) == ["AppDown"]


def test_the_example_in_the_documentation_is_a_message(api):
    assert api.post("/alerts", json=messages_module().EXAMPLE).json() == {"alerts": 1}
