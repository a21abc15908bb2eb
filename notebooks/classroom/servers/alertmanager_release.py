"""Alertmanager: which release is fetched, from where, and how to get it oneself."""

from classroom.servers.program import Program

ALERTMANAGER = Program(
    name="Alertmanager",
    version="0.28.1",
    file="alertmanager",
    setting="ALERTMANAGER_BIN",
    releases="https://github.com/prometheus/alertmanager/releases/download",
    package="prometheus-alertmanager",
    by_hand=(
        "install it yourself (Debian, Ubuntu: sudo apt install prometheus-alertmanager; other systems: "
        "unpack https://prometheus.io/download and set ALERTMANAGER_BIN to the program in it)"
    ),
)
find, fetch, find_or_fetch = ALERTMANAGER.find, ALERTMANAGER.fetch, ALERTMANAGER.find_or_fetch
