"""The four golden signals, and what the app uses of the machine."""

from dashboard_rows.queries import DURATION, TRAFFIC, USERS, ZERO
from panel_kinds import BLUE, ORANGE, RED, AnyPanel, color, graph, query, stacked, thresholds

# A way of asking (the_model.py) has the colour of its route.
ROUTES = {
    "/predict_single": BLUE,
    "/predict_batch": "purple",
    "/simulate_predictions": "light-blue",
    "<unmatched>": "yellow",
}


def golden_signals() -> list[AnyPanel]:
    """Traffic, errors, latency, and the first sign of saturation."""
    traffic = graph(
        "Traffic: requests per second",
        "Requests by route, on top of each other: the upper edge is their sum. A steep rise is a rush, a fall "
        "to nothing an outage. <unmatched> is what is no route of ours: pages that do not exist, and FastAPI's own, "
        "such as /docs.",
        "reqps",
        thresholds(base=BLUE),
        query(TRAFFIC.replace("sum", "sum by (endpoint) "), "{{endpoint}}"),
    )
    errors = graph(
        "Errors: requests per second",
        "Failed (5xx) is the server's fault: any of them is bad, read what the app prints. Refused (4xx) is "
        "the client's: many of them mean that a client sends wrong data, so tell its owner. Without errors both are 0.",
        "reqps",
        thresholds((1, RED)),
        query(f"sum(rate(http_errors_total{{{USERS}}}[$__rate_interval])) or {ZERO}", "failed (5xx)"),
        query(
            f'sum(rate(http_requests_total{{{USERS}, status_code=~"4.."}}[$__rate_interval])) or {ZERO}',
            "refused (4xx)",
        ),
    )
    latency = graph(
        "Latency: time to answer",
        "50 % of the requests are faster than the lower line, 95 % are faster than the upper one. If both rise, the "
        "app has too much to do; if only the upper one does, some requests are slow. Look at the requests in progress.",
        "s",
        thresholds((0.5, RED)),
        query(f"histogram_quantile(0.95, {DURATION})", "95 % are faster"),
        query(f"histogram_quantile(0.50, {DURATION})", "50 % are faster"),
    )
    saturation = graph(
        "Saturation: requests in progress",
        "Requests that each instance works on, or that wait there, at this moment; the visit of Prometheus is one of "
        "them. It works on a few at once. Near 40 answers become slow: send less, or start more workers.",
        "short",
        thresholds((40, RED)),
        query("sum by (instance) (http_requests_in_progress)", "{{instance}}"),
    )
    return [
        color(stacked(traffic), ROUTES).no_value("no requests"),
        color(errors, {"failed (5xx)": RED, "refused (4xx)": "yellow"}),
        color(latency, {"95 % are faster": ORANGE, "50 % are faster": BLUE}).no_value("no requests"),
        saturation.decimals(0),
    ]


def machine() -> list[AnyPanel]:
    """Saturation in detail: what the app uses of the machine."""
    processor = graph(
        "Processor that the app uses",
        "Of each instance: the share of the processors that it may use. One worker of Python uses little more than "
        "one: of four, that is 25 %. At its limit every answer becomes slower: start more workers.",
        "percent",
        thresholds((90, RED)),
        query("sum by (instance) (cpu_usage_percent)", "{{instance}}"),
    )
    memory = graph(
        "Memory that the app uses",
        "Of each instance. It should stay level after the start. If it rises for hours, the app keeps what it should "
        "let go: start it again, and look for the leak. When the machine has no memory left, the system ends the app.",
        "bytes",
        thresholds((2 * 1024**3, RED)),
        query("sum by (instance) (memory_usage_bytes)", "{{instance}}"),
    )
    return [
        processor.max(100).height(6).span(12),
        memory.height(6).span(12),
    ]
