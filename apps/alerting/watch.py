"""What no message tells: that messages stay away, and that an alert has ended while it was silenced."""

import asyncio
import logging
import time
from datetime import UTC, datetime

from alerting.alertmanager import Alertmanager, Away
from alerting.messages import Alert
from alerting.store import WATCHDOG, AlertStore

log = logging.getLogger("alerting")
SILENT = "watchdog silent"  # the fingerprint of the alert that the app makes by itself; no message may have it
LABELS = {"alertname": "WatchdogSilent", "severity": "page"}
ANNOTATIONS = {
    "summary": "The watchdog is silent: no alert can arrive.",
    "what_to_do": "See whether Prometheus and Alertmanager run, and reach this app. Until then, look yourself.",
}


def silent_since(moment: datetime) -> Alert:
    """The alert that the app makes by itself."""
    return Alert.model_construct(
        status="firing",
        labels=LABELS,
        annotations=ANNOTATIONS,
        startsAt=moment,
        endsAt=moment,
        fingerprint=SILENT,
    )


class Watch:
    """Looks again and again. patience: seconds for which the watchdog may be silent, or an alert may be missing."""

    def __init__(self, store: AlertStore, alertmanager: Alertmanager, patience: float) -> None:
        self.store, self.alertmanager, self.patience = store, alertmanager, patience
        self.began = time.time()  # nobody could tell anything before
        self.ahead = 0.0  # a time that lay in the future, because the clock was set back
        self.missing: dict[str, float] = {}  # alerts that fire here and that Alertmanager does not have, and since when

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(min(self.patience / 10, 5))
            try:
                await asyncio.to_thread(self.look, time.time())
            except Exception as error:  # whatever it is: a watch that ends would be noticed by nobody
                log.error("The page of alerts cannot keep watch: %s", error)

    def look(self, now: float) -> None:
        """Tell that the watchdog is silent, or no longer; end what is over without a message."""
        heard = self.heard_at(now)
        silent = [alert for alert in self.store.firing() if alert.fingerprint == SILENT]
        if now - heard > self.patience and not silent:
            log.error("%s %s", ANNOTATIONS["summary"], ANNOTATIONS["what_to_do"])
            self.store.take([silent_since(datetime.fromtimestamp(heard, UTC))], datetime.fromtimestamp(now, UTC))
        elif silent and 0 <= now - self.store.watchdog_told_at() <= self.patience:  # by a message, not by a start
            self.store.end(SILENT, datetime.fromtimestamp(now, UTC))
        self.end_what_is_over(now)

    def heard_at(self, now: float) -> float:
        """When the watchdog was last heard. If the clock was set back since then, it counts as heard now, once."""
        told = self.store.watchdog_told_at()
        if self.began > now or (told > now and told != self.ahead):
            self.began, self.ahead = now, told
        return max(self.began, told if told <= now else 0)

    def end_what_is_over(self, now: float) -> None:
        """End the alerts that Alertmanager has not had for some time: while it is silent about one, it may end.

        One that has just been started has none either: only what it does not have *while the watchdog is there*, which
        Prometheus sends as often as all others, is over.
        """
        try:
            there = self.alertmanager.alerts()
        except Away:
            there = {}
        gone = [alert.fingerprint for alert in self.store.firing() if alert.fingerprint not in {*there, SILENT}]
        watched = WATCHDOG in there.values()
        self.missing = {one: min(now, self.missing.get(one, now)) for one in gone} if watched else {}
        for fingerprint, since in self.missing.items():
            if now - since > self.patience:
                self.store.end(fingerprint, datetime.fromtimestamp(now, UTC))
