"""The patterns of SPC are found as their plain definition says, at a cost that grows with the values and no faster."""

import cProfile
import json
import pstats
import random
from collections import Counter
from itertools import pairwise

import pytest
from pydantic import ValidationError

from collector import alerts, registration, registry, spc
from collector.profiles.spc import SpcFeature, SpcRule
from collector.store import Store

LIMITS = {
    "center": 0, "one_ucl": 1, "one_lcl": -1, "two_ucl": 2, "two_lcl": -2, "three_ucl": 3, "three_lcl": -3,
}  # fmt: skip
FEATURE = SpcFeature(**LIMITS)
NAMES = ["Age", "Fare"]
ALL_ZONES = ["Zone1", "Zone2", "Zone3", "Zone4"]


def defined(values, numbers):
    """What is wrong with the last of these values: the definition, on all of them anew."""
    zones = [spc.zone(FEATURE, value) for value in values]
    number = abs(zones[-1])
    if number:
        run, turns = numbers[2 * number - 2 : 2 * number]
        last, turning = zones[-run:] if run else [], zones[-turns:] if turns else []
        if len(last) == run > 0 and (min(last) >= number or max(last) <= -number):
            yield ("OutOfBounds" if number == 4 else "Consecutive"), f"Zone{number}"
        if (
            len(turning) == turns > 0
            and min(map(abs, turning)) >= number
            and all(before != after for before, after in pairwise(turning))
        ):
            yield ("OutOfBounds" if number == 4 else "Alternating"), f"Zone{number}"
    latest = zones[-spc.TREND :]
    steps = [after - before for before, after in pairwise(latest)]
    if len(latest) == spc.TREND and (min(steps) > 0 or max(steps) < 0):
        yield "Trend", "NotApplicable"


def random_values(chance, number):
    """Values in all zones: in runs, in turns, in trends, and by chance; some are exactly a limit."""
    values = []
    while len(values) < number:
        kind, length, size = chance.randrange(4), chance.randint(1, 12), chance.uniform(0, 4)
        if kind == 0:
            sign = chance.choice([-1, 1])
            values += [sign * chance.uniform(size, 4) for _ in range(length)]
        elif kind == 1:
            values += [(-1) ** place * chance.uniform(size, 4) for place in range(length)]
        elif kind == 2:
            sign, begin = chance.choice([-1, 1]), chance.uniform(-4, -2.5)
            values += [sign * (begin + place) for place in range(length)]  # each in the zone next to the one before
        else:
            values += [float(chance.randint(-4, 4)) for _ in range(length)]
    return values[:number]


def test_a_rule_is_of_digits_that_every_client_can_read():
    """Python's int() takes the digits of all scripts; Scouter's client, in Rust, those from 0 to 9."""
    usual = {"rule": "8 16 4 8 2 4 1 1", "zones_to_monitor": ["Zone1"]}
    assert SpcRule.model_validate(usual)
    with pytest.raises(ValidationError):
        SpcRule.model_validate(usual | {"rule": "\N{ARABIC-INDIC DIGIT EIGHT} 16 4 8 2 4 1 1"})


def random_rule(chance):
    """The eight numbers of a rule; 0 says: never."""
    return [chance.randint(0, 8) for _ in range(8)]


def test_the_patterns_of_random_values_are_those_of_the_definition():
    chance, found = random.Random(15), Counter()
    for _ in range(80):
        values, numbers = random_values(chance, 150), random_rule(chance)
        expected = [list(defined(values[:end], numbers)) for end in range(1, len(values) + 1)]
        assert list(spc.patterns(FEATURE, values, numbers)) == expected, numbers
        found.update(pattern for patterns in expected for pattern in patterns)
    kinds = [(kind, zone) for kind in ("Consecutive", "Alternating") for zone in ALL_ZONES[:3]]
    for pattern in [*kinds, ("OutOfBounds", "Zone4"), ("Trend", "NotApplicable")]:
        assert found[pattern] > 50, pattern  # each of them was really compared


@pytest.fixture
def connection(tmp_path):
    store = Store(tmp_path / "collector.sqlite3")
    with store.writing() as connection:
        yield connection
    store.close()


def register(connection, numbers, zones=ALL_ZONES, features=NAMES):
    """The uid of a new active profile with this rule, which watches these features."""
    rule = {"rule": " ".join(map(str, numbers)), "zones_to_monitor": zones}
    config = {"space": "titanic", "name": "test", "alert_config": {"rule": rule, "features_to_monitor": features}}
    profile = json.dumps({"features": dict.fromkeys(NAMES, LIMITS), "config": config})
    request = registration.ProfileRequest(space="titanic", drift_type="Spc", profile=profile, active=True)
    return registration.register(connection, request).uid


def insert(connection, uid, values):
    """Keep these values, each a name and a number, as if they had come in this order."""
    connection.executemany(
        "INSERT INTO value (uid, created_at, name, value) VALUES (?, 0, ?, ?)", [[uid, *value] for value in values]
    )


def judge(connection, uid):
    alerts.judge(connection, registry.of_type(connection, uid, "Spc"))


def test_a_check_raises_each_alert_once_and_knows_what_came_before(connection):
    chance, found = random.Random(16), 0
    for _ in range(20):
        numbers, zones = random_rule(chance), chance.sample(ALL_ZONES, 3)
        uid = register(connection, numbers, zones, NAMES[:1])
        values = random_values(chance, 120)
        expected, end = [], 0
        while end < len(values):
            begin, end = end, end + chance.randint(1, 15)
            insert(
                connection, uid, [(name, value) for value in values[begin:end] for name in NAMES]
            )  # Fare: not watched
            judge(connection, uid)
            new = dict.fromkeys(
                pattern
                for last in range(begin, min(end, len(values)))
                for pattern in defined(values[: last + 1], numbers)
            )
            expected += [
                {"Spc": {"feature": "Age", "kind": kind, "zone": zone}}
                for kind, zone in new
                if zone in (*zones, "NotApplicable")
            ]
        query = "SELECT alert FROM alert WHERE uid = ? ORDER BY id"
        assert [json.loads(alert) for (alert,) in connection.execute(query, [uid])] == expected
        found += len(expected)
    assert found > 200


def test_the_alerts_of_a_check_are_those_of_scouters_own_server(connection):
    """So it answered: an alert for the eight in a row in zone 1, one for the one out of bounds, and no trend."""
    uid = register(connection, [8, 16, 4, 8, 2, 4, 1, 1])
    insert(connection, uid, [("Age", (value - 30) / 13 + 0.1) for value in (30, 30, 30, 200, *range(31, 39))])
    judge(connection, uid)
    alerts = [json.loads(alert)["Spc"] for (alert,) in connection.execute("SELECT alert FROM alert")]
    assert [(alert["kind"], alert["zone"]) for alert in alerts] == [("OutOfBounds", "Zone4"), ("Consecutive", "Zone1")]


def steps(connection, act):
    """How much work this is: the calls of Python's functions, and the instructions of SQLite."""
    profile = cProfile.Profile()
    connection.set_progress_handler(lambda: None, 1)  # SQLite calls it after each of its instructions
    profile.runcall(act)
    connection.set_progress_handler(None, 1)
    return pstats.Stats(profile).total_calls


def test_four_times_as_many_values_in_one_message_are_four_times_as_much_work(connection):
    def work(number):
        uid = register(connection, [8, 16, 4, 8, 2, 4, 1, 1])
        insert(connection, uid, [("Age", value) for value in random_values(random.Random(17), number)])
        return steps(connection, lambda: judge(connection, uid))

    assert work(2000) < 5 * work(500)


def test_a_message_is_as_much_work_however_many_came_before(connection):
    uid = register(connection, [8, 16, 4, 8, 2, 4, 1, 1])

    def work():
        insert(connection, uid, [("Age", value) for value in random_values(random.Random(18), 25)])
        return steps(connection, lambda: judge(connection, uid))

    for _ in range(2):
        work()
    early = work()
    for _ in range(200):
        work()
    assert work() < 1.5 * early
