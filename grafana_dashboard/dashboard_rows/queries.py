"""Parts of queries that several rows need."""

# Prometheus itself asks for /metrics; those visits are no traffic.
TRAFFIC = 'sum(rate(http_requests_total{endpoint!="/metrics"}[$__rate_interval]))'
DURATION = 'sum by (le) (\n  rate(http_request_duration_seconds_bucket{endpoint!="/metrics"}[$__rate_interval])\n)'
# A counter of errors has no series before the first error. This is 0 as long as the app is watched.
ZERO = "0 * sum(rate(http_requests_total[$__rate_interval]))"
