"""Drift raises an alert, chance does not: by the profile's own thresholds, on streams of known passengers."""

from collecting import send, stream

STREAMS = 20


def shifted(seed):
    """2,000 passengers who are 8 years older; and 3 in 10 have moved to the third class. All else is as it was."""
    table = stream(seed)
    table["Age"] += 8
    table.loc[table.sample(frac=0.3, random_state=seed).index, "Pclass"] = 3
    return table


def alarms(collector, tables):
    """For each table: the names of the features that raised an alert, once for each alert."""
    names = []
    for table in tables:
        profile = collector.psi_profile()  # a new version, with records and alerts of its own
        send(collector, "http", profile, table)
        assert collector.arrived(profile.config.uid) == len(table)
        names.append([alert.entity_name for alert in collector.alerts(profile.config.uid)])
    return names


def test_20_streams_of_the_same_passengers_raise_at_most_one_alert_in_all(collector_with):
    found = alarms(collector_with("http"), map(stream, range(STREAMS)))
    assert sum(map(len, found)) <= 1


def test_20_shifted_streams_all_raise_it_for_what_was_shifted_and_nothing_else(collector_with):
    found = alarms(collector_with("http"), map(shifted, range(STREAMS)))
    assert all({"Age", "Pclass"} <= set(names) for names in found)
    assert sum(name not in ("Age", "Pclass") for names in found for name in names) <= 1
