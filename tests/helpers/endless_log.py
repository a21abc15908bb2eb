"""A process that logs predictions as fast as it can; test_prediction_log.py kills it."""


def write(path, written):
    """Log for ever; after each call, send the number of its last line through this connection."""
    from titanic.prediction_log import PredictionLog  # here: it defines a metric, which the test's own process must not

    log = PredictionLog(path, {"experiment_id": "1", "run_id": "x" * 32})
    while True:
        written.send(log.add([0.25] * 3)[-1]["execute"])
