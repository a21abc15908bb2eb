"""Parts of queries that several rows need."""

# Prometheus itself asks for /metrics, and whoever runs containers for /health; those visits are no traffic.
USERS = 'endpoint!~"/metrics|/health"'
TRAFFIC = f"sum(rate(http_requests_total{{{USERS}}}[$__rate_interval]))"
DURATION = f"sum by (le) (\n  rate(http_request_duration_seconds_bucket{{{USERS}}}[$__rate_interval])\n)"
# A counter of errors has no series before the first error. This is 0 as long as the app is watched.
ZERO = "0 * sum(rate(http_requests_total[$__rate_interval]))"
