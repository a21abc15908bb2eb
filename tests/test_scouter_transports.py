"""All passengers come from Scouter's queue to the collector's drift: by each of the four transports.

By Kafka's twice: through Kafka itself, and through Tansu, which a learner has without Java.
"""

import pytest
from collecting import TRANSPORTS, expected_counts, passengers, scouters_psi, send, stream
from waiting import until


@pytest.mark.parametrize("broker", TRANSPORTS)
def test_5000_passengers_are_counted_exactly_and_their_psi_is_scouters(broker, collector_with):
    collector = collector_with(broker)
    profile = collector.psi_profile()
    table = stream(seed=5, rows=5000)
    table["Age"] += 3
    send(collector, broker, profile, table)
    until(lambda: collector.arrived(profile.config.uid) >= 5000)
    assert collector.counts(profile.config.uid) == expected_counts(profile, table)
    read = collector.drift(profile.config.uid).features
    own = scouters_psi(profile, table)
    assert {name: feature.overall_psi for name, feature in read.items()} == pytest.approx(own, abs=1e-9, rel=0)
    assert set(read) == set(passengers().columns)
    assert own["Age"] > 0.05
    assert collector.metric("collector_messages_total", transport=TRANSPORTS[broker], outcome="stored") == 5
    assert collector.metric("collector_messages_total", outcome="refused") == 0
