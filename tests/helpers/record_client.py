"""Record what Scouter's real client sends: python tests/helpers/record_client.py writes recorded_client.json beside it.

The client, in a process of its own, talks to a real collector. Between the two stands a server that passes on each
request and writes it down, with its answer. Do it again after each new version of Scouter's client.
"""

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from importlib.metadata import version
from pathlib import Path

import requests
from answering import answering

HERE = Path(__file__).resolve().parent
RECORDING = HERE / "recorded_client.json"
SEED, ROWS = 11, 1200  # of the passengers: two messages about PSI
VALUES = [0.1 * number for number in range(50)]  # of the custom metric, and of the feature that SPC watches
ANSWERS = ["At noon.", "I think at noon.", "At one."]  # of the language model


def use_the_client(url):
    """Register a profile of each kind, insert into each queue, and ask what has become of it."""
    from collecting import passengers, stream
    from scouter import (
        CustomDriftProfile,
        CustomMetric,
        CustomMetricDriftConfig,
        Drifter,
        EvalRecord,
        Features,
        GenAIEvalConfig,
        GenAIEvalProfile,
        HttpConfig,
        Metrics,
        ScouterClient,
        ScouterQueue,
    )
    from scouter.alert import AlertThreshold
    from scouter.client import DriftAlertPaginationRequest, DriftRequest, TimeInterval
    from scouter.drift import SpcDriftConfig
    from scouter.evaluate import AssertionTask, ComparisonOperator
    from scouter.types import DriftType

    from titanic import drift

    http = HttpConfig(server_uri=url, username="ann", password="violin")
    metric = CustomMetric("probability", 0.4, AlertThreshold.Above, 0.1)
    sure = AssertionTask(
        id="sure", context_path="response", operator=ComparisonOperator.NotContains, expected_value="I think"
    )
    profiles = {
        "Psi": drift.psi_profile(passengers()),
        "Spc": Drifter().create_drift_profile(passengers()[["Age"]], SpcDriftConfig(space="titanic", name="age")),
        "Custom": CustomDriftProfile(CustomMetricDriftConfig(space="titanic", name="probability"), [metric]),
        "GenAI": GenAIEvalProfile(config=GenAIEvalConfig(space="titanic", name="desk"), tasks=[sure]),
    }
    inserted = {
        "Psi": [Features(row) for row in stream(SEED, ROWS).to_dict("records")],
        "Spc": [Features({"Age": value}) for value in VALUES],
        "Custom": [Metrics({"probability": value}) for value in VALUES],
        "GenAI": [EvalRecord(context={"input": "When do we sail?", "response": answer}) for answer in ANSWERS],
    }
    client = ScouterClient(http)
    for kind, profile in profiles.items():
        client.register_profile(profile, set_active=True, deactivate_others=True)
        queue = ScouterQueue.from_profile({"it": profile}, http)
        for item in inserted[kind]:
            queue["it"].insert(item)
        queue.shutdown()
        uid = profile.config.uid
        client.get_binned_drift(DriftRequest(uid, "titanic", TimeInterval.OneHour, 1), getattr(DriftType, kind))
        client.get_alerts(DriftAlertPaginationRequest(uid=uid, active=True, limit=10))


def record():
    """Stand between the client and a collector; the exchanges, in their order."""
    from collecting import Collector

    exchanges = []
    with tempfile.TemporaryDirectory() as folder:
        collector = Collector(Path(folder))

        class PassOn(BaseHTTPRequestHandler):
            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                answer = requests.request(self.command, collector.url + self.path, data=body, headers=headers)
                if not self.path.endswith("/login"):  # it holds a password, and nothing else
                    sent = {"method": self.command, "path": self.path, "body": json.loads(body) if body else None}
                    exchanges.append(sent | {"answer": answer.json()})
                self.send_response(answer.status_code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_GET = do_POST = do_PUT = pass_on

        try:
            with answering(PassOn) as server:
                subprocess.run([sys.executable, __file__, server.url], check=True)
        finally:
            collector.kill()
    return exchanges


def main():
    if sys.argv[1:]:
        use_the_client(sys.argv[1])
        return
    exchanges = record()
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in exchanges)
    head = f'"about": "See record_client.py.", "scouter-ml": "{version("scouter-ml")}", "end": "{datetime.now(UTC)}"'
    RECORDING.write_text(f'{{{head}, "exchanges": [\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{len(exchanges)} exchanges are recorded.")


if __name__ == "__main__":
    main()
