"""The Prometheus server: which release is fetched, from where, and how to get it oneself."""

from classroom.servers.program import Program

PROMETHEUS = Program(
    name="Prometheus",
    version="3.5.0",  # of the line with long-term support
    file="prometheus",
    setting="PROMETHEUS_BIN",
    releases="https://github.com/prometheus/prometheus/releases/download",
    package="prometheus",
    by_hand=(
        "install it yourself (Windows: choco install prometheus; macOS: brew install prometheus; "
        "Debian, Ubuntu: sudo apt install prometheus; other Linux: unpack https://prometheus.io/download "
        "and set PROMETHEUS_BIN to the program in it)"
    ),
)
find, fetch, find_or_fetch = PROMETHEUS.find, PROMETHEUS.fetch, PROMETHEUS.find_or_fetch
