# %% 08.1 right
query = 'sum by (endpoint) (http_requests_total{endpoint="/metrics", method="GET"})'

# %% 08.1 right
query = "sum(http_requests_total) - sum(http_requests_total{endpoint!='/metrics'})"

# %% 08.1 wrong: it counts all requests, and not only those to /metrics
query = "sum(http_requests_total)"

# %% 08.1 wrong: Prometheus finds several series, not one: select with {...}, or add up with sum
query = 'http_requests_total{endpoint="/metrics"}'

# %% 08.1 wrong: Prometheus finds nothing: look at the names, and at the values of the labels
query = 'sum(http_requests_total{endpoint="metrics"})'

# %% 08.1 wrong: Prometheus does not understand it, at letter
query = 'sum(http_requests_total{endpoint="/metrics"}'

# %% 08.1 wrong: Put the value of a label in double quotes.
query = "sum(http_requests_total{endpoint=/metrics})"

# %% 08.1 wrong: it counts only what was answered with 200
query = 'http_requests_total{endpoint="/metrics", status_code="200"}'

# %% 08.1 wrong: `query` is of the type DataFrame, and not a text
query = promql('sum(http_requests_total{endpoint="/metrics"})')

# %% 08.1 wrong: it asks how many a second: leave out `rate`
query = 'sum(rate(http_requests_total{endpoint="/metrics"}[1m]))'

# %% 08.1 wrong: it asks how many came in a window, and not since the start: leave out `increase`
query = 'sum(increase(http_requests_total{endpoint="/metrics"}[5m]))'

# %% 08.1 wrong: it asks how many came in a window, and not since the start: leave out `increase`
query = 'sum(increase(http_requests_total{endpoint="/metrics"}[1h]))'

# %% 08.1 wrong: Prometheus finds nothing: look at the names
query = 'sum(http_request_duration_seconds_count{endpoint="/metrics"})'

# %% 08.1 wrong: its numbers are not the right ones
query = 'sum(max_over_time(http_requests_total{endpoint="/metrics"}[1h]))'

# %% 08.1 wrong: its numbers are not the right ones
query = 'sum(http_requests_total{endpoint="/metrics"} offset 1s)'

# %% 08.2 right
boats = Counter("lifeboats", "Lifeboats.", labelnames=("side",), registry=mine)
for side in ("port", "port", "starboard"):
    boats.labels(side=side).inc()
Gauge("people_aboard", "People aboard.", registry=mine).inc(1306)

# %% 08.2 right
people = Gauge("people_aboard", "", registry=mine)
people.set(1306.0)
boats = Counter("lifeboats_total", "Lifeboats.", ["side"], registry=mine)
boats.labels("starboard").inc()
boats.labels("port").inc(2)

# %% 08.2 wrong: there are 3 series of lifeboats_total, and not two
lifeboats_total = Counter("lifeboats_total", "Lifeboats.", ["side"], registry=mine)
lifeboats_total.labels("port").inc(2)
lifeboats_total.labels("starboard").inc()
lifeboats_total.labels("left").inc(0)
people_aboard = Gauge("people_aboard", "People aboard.", registry=mine)
people_aboard.set(1306)

# %% 08.2 wrong: of side="port", 1 boats are counted, and not 2
lifeboats_total = Counter("lifeboats_total", "Lifeboats.", ["side"], registry=mine)
lifeboats_total.labels("port").inc()
lifeboats_total.labels("starboard").inc()
people_aboard = Gauge("people_aboard", "People aboard.", registry=mine)
people_aboard.set(1306)

# %% 08.2 wrong: lifeboats_total is a gauge, and not a counter
lifeboats_total = Gauge("lifeboats_total", "Lifeboats.", ["side"], registry=mine)
lifeboats_total.labels("port").set(2)
lifeboats_total.labels("starboard").set(1)
people_aboard = Gauge("people_aboard", "People aboard.", registry=mine)
people_aboard.set(1306)

# %% 08.2 wrong: the gauge people_aboard has a label, side: leave it out
lifeboats_total = Counter("lifeboats_total", "Lifeboats.", ["side"], registry=mine)
lifeboats_total.labels("port").inc(2)
lifeboats_total.labels("starboard").inc()
people_aboard = Gauge("people_aboard", "People aboard.", ["side"], registry=mine)
people_aboard.labels("port").set(1306)

# %% 08.2 wrong: there is no gauge people_aboard in `mine` yet
lifeboats_total = Counter("lifeboats_total", "Lifeboats.", ["side"], registry=mine)
lifeboats_total.labels("port").inc(2)
lifeboats_total.labels("starboard").inc()

# %% 08.2 wrong: there is no counter lifeboats_total in `mine`: it is in the library's own registry
import prometheus_client

lifeboats_total = Counter("lifeboats_total", "Lifeboats.", ["side"])
