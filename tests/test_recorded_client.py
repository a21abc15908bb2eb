"""What Scouter's real client has sent, recorded once, is stored and answered the same way whenever it is sent again.

record_client.py says how recorded_client.json is made; recorded_samples.json says it itself.
"""

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from collecting import expected_counts, log_in, scouters_psi, stream
from record_client import ANSWERS, ROWS, SEED, VALUES
from scouter import PsiDriftProfile

HELPERS = Path(__file__).parent / "helpers"
JSON = {"Content-Type": "application/json"}
OWN = json.loads((HELPERS / "recorded_client.json").read_text(encoding="utf-8"))
SAMPLES = json.loads((HELPERS / "recorded_samples.json").read_text(encoding="utf-8"))


def replay(collector, exchanges, uids, more=""):
    """Send each request again; its recorded answer and the new one. uids: new identifiers of profiles, by the old ones.

    more: what is added to questions about drift.
    """
    session, pairs = log_in(collector), []
    for one in exchanges:
        path, body = one["path"], json.dumps(one["body"])
        for old, new in uids.items():
            path, body = path.replace(old, new), body.replace(old, new)
        path += more if "/drift/" in path else ""
        answer = session.request(one["method"], collector.url + path, data=body, headers=JSON, timeout=20)
        assert answer.status_code == 200, (path, answer.text)
        if one["path"].endswith("/profile"):
            uids[one["answer"]["uid"]] = answer.json()["uid"]
        pairs.append((one, answer.json()))
    return pairs


def without(answer, *names):
    """The same answer without these fields, which are new each time."""
    if isinstance(answer, dict):
        return {name: without(value, *names) for name, value in answer.items() if name not in names}
    return [without(one, *names) for one in answer] if isinstance(answer, list) else answer


@pytest.fixture
def replayed(collector_with):
    """The collector, the pairs of old and new answers, and the new identifiers by the kind of profile."""
    collector, uids = collector_with("http"), {}
    # The client asked about the last hour. That hour is long over, so it is named.
    end = datetime.fromisoformat(OWN["end"])
    hour = {"start_custom_datetime": (end - timedelta(hours=1)).isoformat(), "end_custom_datetime": end.isoformat()}
    pairs = replay(collector, OWN["exchanges"], uids, f"&{urlencode(hour)}")
    kinds = {
        one["body"]["drift_type"]: uids[one["answer"]["uid"]] for one, _ in pairs if one["path"].endswith("/profile")
    }
    return collector, pairs, kinds


def test_every_answer_is_the_recorded_one(replayed):
    _, pairs, _ = replayed
    asked = Counter(one["path"].split("?")[0] for one, _ in pairs)
    assert asked == {
        "/scouter/profile": 4, "/scouter/message": 7, "/scouter/alerts": 4, "/scouter/drift/psi": 1,
        "/scouter/drift/spc": 1, "/scouter/drift/custom": 1, "/scouter/drift/genai/workflow": 1,
    }  # fmt: skip
    for one, answer in pairs:
        # Alerts are raised now, and so have another time; drift has the time of its records.
        new_each_time = ("uid",) if "/drift/" in one["path"] else ("uid", "created_at")
        assert without(answer, *new_each_time) == without(one["answer"], *new_each_time), one["path"]


def test_recorded_passengers_are_counted_exactly_and_their_psi_is_scouters(replayed):
    collector, pairs, kinds = replayed
    profile = PsiDriftProfile.model_validate_json(pairs[0][0]["body"]["profile"])
    table = stream(SEED, ROWS)
    assert collector.counts(kinds["Psi"]) == expected_counts(profile, table)
    (answer,) = [answer for one, answer in pairs if "/drift/psi" in one["path"]]
    read = {name: feature["overall_psi"] for name, feature in answer["features"].items()}
    assert read == pytest.approx(scouters_psi(profile, table), abs=1e-9)


def test_recorded_means_and_records_are_stored_exactly(replayed):
    collector, _, kinds = replayed
    by_25 = [VALUES[:25], VALUES[25:]]
    for kind in ("Spc", "Custom"):
        stored = [value for (value,) in collector.rows("SELECT value FROM value WHERE uid = ?", kinds[kind])]
        assert stored == pytest.approx([sum(values) / 25 for values in by_25])
    contexts = collector.rows("SELECT context FROM eval_record WHERE uid = ? ORDER BY id", kinds["GenAI"])
    assert [json.loads(context)["response"] for (context,) in contexts] == ANSWERS
    passed = collector.rows("SELECT value FROM value WHERE uid = ? AND name = 'sure' ORDER BY id", kinds["GenAI"])
    assert passed == [(1,), (0,), (1,)]


def test_the_samples_of_another_client_are_stored_exactly(collector_with):
    collector = collector_with("http")
    psi = collector.psi_profile().config.uid
    uids = {"uid-2210e08222a34973b3743c9f54aeb1e3": psi}  # of this profile, the samples hold no complete copy
    pairs = replay(collector, SAMPLES["exchanges"], uids)
    assert Counter(one["path"] for one, _ in pairs) == {
        "/scouter/profile": 3, "/scouter/profile/status": 1, "/scouter/alerts": 1, "/scouter/message": 4,
    }  # fmt: skip
    assert {answer["message"] for one, answer in pairs if one["path"].endswith("/message")} == {"Message stored"}
    assert collector.counts(psi) == {("Embarked", 2): 20, ("Embarked", 0): 6}
    kinds = {
        one["body"]["drift_type"]: uids[one["answer"]["uid"]] for one, _ in pairs if one["path"].endswith("/profile")
    }
    values = {kind: dict(collector.rows("SELECT name, value FROM value WHERE uid = ?", kinds[kind])) for kind in kinds}
    assert values == {
        "Spc": {"Age": 28.160822239155422, "Fare": 29.14739433135557},
        "Custom": {"mae": 1.0, "acc": 0.8000000000000003},
        "GenAI": {"ok": 1.0, "workflow": 1.0},
    }
    assert collector.rows("SELECT entity_name FROM alert WHERE uid = ?", kinds["Custom"]) == [("acc",)]
