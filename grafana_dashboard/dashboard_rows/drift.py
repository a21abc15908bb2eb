"""What the collector of lesson 16 tells: how far the passengers are from training."""

from panel_kinds import BLUE, ORANGE, RED, AnyPanel, color, graph, query, stacked, thresholds


def drift() -> list[AnyPanel]:
    """What the collector of lesson 16 tells, while there is one: how far the passengers are from training."""
    psi = graph(
        "Drift: PSI of each feature",
        "The distance of the last hour's passengers from those in training. The lines at 0.1 and 0.25 are an old rule: "
        "of few passengers 0.1 can be chance, and of many, far less is drift. The alerts beside it know how many there "
        "are. If several features rise together, look for the one cause.",
        "none",
        thresholds((0.1, ORANGE), (0.25, RED)),
        query("max by (feature) (titanic_drift_psi)", "{{feature}}"),
    )
    alerts = graph(
        "Drift alerts",
        "When the collector found that a feature differs from training by more than chance. First see whether the data "
        "are right: most drift is a fault on the way. Then compare the predictions with what really happened.",
        "short",
        thresholds(base=BLUE),
        query("sum by (feature) (increase(titanic_drift_alerts_total[$__rate_interval]))", "{{feature}}"),
    )
    passengers = graph(
        "Passengers in the last hour",
        "By how many passengers drift is judged. A PSI is shown once there are ten of them for each bin of its "
        "feature. If this falls while requests arrive, nobody hands the passengers on: is the collector down?",
        "none",
        thresholds(base=BLUE),
        query("max(titanic_drift_sample_size)", "passengers"),
    )
    custom = graph(
        "Custom metrics: mean",
        "The mean of each metric of your own over the last hour; survival_probability was 0.41 in training. If it "
        "moves, so has what the clients are told. Then look at the features beside it: have the passengers changed?",
        "none",
        thresholds(base=BLUE),
        query("max by (metric) (titanic_drift_custom_metric_mean)", "{{metric}}"),
    )
    return [
        psi.no_value("no collector, or too few passengers"),
        stacked(alerts).no_value("no collector"),
        color(passengers, {"passengers": BLUE}).decimals(0).no_value("no collector"),
        custom.no_value("no collector, or no metric"),
    ]
