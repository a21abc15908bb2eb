"""Drift raises an alert, chance does not: by the profile's own thresholds, on streams of known passengers."""

import numpy as np
import pytest
from collecting import passengers, send, stream

from collector.alerts import ROWS_PER_BIN, careful_psi, limit
from collector.profiles.psi import PsiProfile
from titanic import drift

STREAMS = 20
CHECKS = 20_000


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


@pytest.mark.parametrize(("fewest", "most"), [(31, 80), (81, 150), (300, 300), (1000, 1000)])
def test_chance_raises_no_more_alarms_than_alpha_allows_however_few_the_rows(fewest, most):
    """Rows are drawn from the training data; an alarm of any feature counts. Plain PSI has 0.7 % at 81 to 150 rows."""
    profile = PsiProfile.model_validate_json(drift.psi_profile(passengers()).model_dump_json())
    draw = np.random.default_rng(0)
    alarms = 0
    for _, feature in sorted(profile.features.items()):  # in one order, so that each run draws the same
        shares = np.array([one.proportion for one in feature.bins])
        for rows in draw.integers(fewest, most + 1, CHECKS // len(profile.features)):
            if rows > ROWS_PER_BIN * len(shares):
                counts = dict(zip((one.id for one in feature.bins), draw.multinomial(rows, shares), strict=True))
                alarms += careful_psi(feature, counts) > limit(profile.config.alert_config.threshold, rows, len(shares))
    # CHECKS / 7 checks of all seven features, which may raise a false alarm in one of a thousand; with room for chance
    assert alarms <= 2 * CHECKS / 7 * 0.001 + 3
