# %% 09.1 right
query = 'sum(rate(http_request_duration_seconds_count{endpoint="/predict_single"}[10s]))'

# %% 09.1 right
query = "sum by (endpoint) (increase(http_requests_total{endpoint=~'/predict_s.*'}[10s])) / 10"

# %% 09.1 wrong: it counts the requests to /predict_batch too
query = 'sum(rate(http_requests_total{endpoint=~"/predict.*"}[10s]))'

# %% 09.1 wrong: Prometheus finds several series, not one
query = 'rate(http_requests_total{endpoint="/predict_single"}[10s])'

# %% 09.1 wrong: its window is a minute, and not 10 seconds
query = 'sum(rate(http_requests_total{endpoint="/predict_single"}[1m]))'

# %% 09.1 wrong: its numbers are not the right ones
query = 'sum(rate(http_requests_total{endpoint="/predict_single"}[11s]))'

# %% 09.1 wrong: its numbers are not the right ones
query = 'sum(rate(http_requests_total{endpoint="/predict_single"}[9s]))'

# %% 09.1 wrong: it is right only while no app starts again
query = 'rate(sum(http_requests_total{endpoint="/predict_single"})[10s:1s])'

# %% 09.1 wrong: it counts only what was answered with 200
query = 'sum(rate(http_requests_total{endpoint="/predict_single", status_code="200"}[10s]))'

# %% 09.1 wrong: it asks how many came in 10 seconds, and not how many in one
query = 'sum(increase(http_requests_total{endpoint="/predict_single"}[10s]))'

# %% 09.1 wrong: its numbers are not the right ones
query = 'sum(irate(http_requests_total{endpoint="/predict_single"}[10s]))'

# %% 09.1 wrong: It needs a window: write [1m], or how long you want it, directly behind the braces.
query = 'rate(http_requests_total{endpoint="/predict_single"})'

# %% 09.1 wrong: only Grafana fills in $__rate_interval
query = 'sum(rate(http_requests_total{endpoint="/predict_single"}[$__rate_interval]))'

# %% 09.1 wrong: each series has many values here: put it into a function such as rate(), or leave out [...]
query = 'http_requests_total{endpoint="/predict_single"}[10s]'

# %% 09.2 right
signals = dict(zip(signals, ["Saturation", "Errors.", "*latency*", " TRAFFIC "]))

# %% 09.2 right
signals = {
    "twice as many requests as yesterday": "traffic",
    "half of the answers take more than a second": "latency",
    "one in a hundred answers is a 503": "errors",
    "the app uses 95 % of the processor": "saturation",
}

# %% 09.2 wrong: there is no answer for 'one in a hundred answers is a 503'
signals["the app uses 95 % of the processor"] = "saturation"

# %% 09.2 wrong: 'the app uses 95 % of the processor' does not fit 'traffic': traffic is how much is asked
signals = dict.fromkeys(signals, "traffic")

# %% 09.2 wrong: 'slowness' is none of the words to choose from: latency, traffic, errors, saturation
signals = dict(zip(signals, ["saturation", "errors", "slowness", "traffic"]))

# %% 09.2 wrong: there is no answer for 'the app uses 95 % of the processor'
signals.pop("twice as many requests as yesterday")
