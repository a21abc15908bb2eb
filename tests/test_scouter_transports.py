"""By each of the four transports, all passengers come from Scouter's queue to the collector's drift."""

import pytest
from collecting import BROKERS, expected_counts, passengers, scouters_psi, send, stream
from waiting import until


@pytest.mark.parametrize("transport", ["http", *BROKERS])
def test_5000_passengers_are_counted_exactly_and_their_psi_is_scouters(transport, collector_with):
    collector = collector_with(transport)
    profile = collector.psi_profile()
    table = stream(seed=5, rows=5000)
    table["Age"] += 3
    send(collector, transport, profile, table)
    until(lambda: collector.arrived(profile.config.uid) >= 5000)
    assert collector.counts(profile.config.uid) == expected_counts(profile, table)
    read = collector.drift(profile.config.uid).features
    own = scouters_psi(profile, table)
    assert {name: feature.overall_psi for name, feature in read.items()} == pytest.approx(own, abs=1e-9, rel=0)
    assert set(read) == set(passengers().columns)
    assert own["Age"] > 0.05
    assert collector.metric("collector_messages_total", transport=transport, outcome="stored") == 5
    assert collector.metric("collector_messages_total", outcome="refused") == 0
