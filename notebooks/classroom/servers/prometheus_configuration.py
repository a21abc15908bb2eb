"""prometheus/prometheus.yml as the user has written it, and the few things that a run has to change in it."""

import glob
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from classroom.servers import plain_yaml, ports, prometheus_rules
from classroom.servers.folders import PROMETHEUS
from dashboard_preview.durations import milliseconds
from titanic.problem import Problem

FILE = PROMETHEUS / "prometheus.yml"
# Prometheus looks back five minutes for a value. Between scrapes further apart than this, most queries find nothing.
LONGEST = "2m"
Json = dict[str, Any]


class Configuration:
    """What Prometheus is to do. .interval: how often it scrapes. .changes: what is not as in the file, and why."""

    def __init__(
        self,
        scrape_interval: str | None = None,
        app_port: int = 8000,
        own_port: int = 9090,
        more_rules: Sequence[str] = (),
        more_app_ports: Sequence[int] = (),
    ) -> None:
        """scrape_interval: such as "1s", in place of that in the file. The ports: in place of 8000 and 9090.

        more_rules: the texts of further rule files, for a scrape every 15 seconds like the others. more_app_ports:
        where further instances of the app are. Problem: the file is no configuration, the interval is no time, a
        setting names no port, or two ports are the same.
        """
        self.settings = read()
        self.more_rules = more_rules
        self.changes: list[str] = [f"rules added: {len(more_rules)}"] if more_rules else []
        # Without any interval, Prometheus takes a minute.
        self.interval = duration(self.settings.get("global") or {}, "scrape_interval", "1m")
        if scrape_interval:
            self.scrape_every(scrape_interval)
        # Rules are for a scrape every 15 seconds. With a shorter one in the file they still find enough values.
        self.fits_rules = bool(self.rules()) and (
            scrape_interval not in (None, prometheus_rules.INTERVAL)
            or milliseconds(self.interval) > milliseconds(prometheus_rules.INTERVAL)
        )
        if self.fits_rules:
            self.changes.append(f"the times in its rules are fitted to a scrape every {self.interval}")
        self.use_ports(app_port, own_port)
        for part in self.lists_of_targets():
            if f"127.0.0.1:{app_port}" in part["targets"] and more_app_ports:
                part["targets"] += [f"127.0.0.1:{port}" for port in more_app_ports]
                self.changes.append(f"further instances of the app: {len(more_app_ports)}")

    def scrape_every(self, interval: str) -> None:
        """Scrape and evaluate the rules this often. Problem: it is no interval."""
        if not re.fullmatch(r"[1-9][0-9]*(ms|s|m|h)", interval):
            raise Problem(f"'{interval}' is not an interval: write a whole number and a unit, such as 15s or 1m.")
        if interval == self.interval:
            return
        self.changes.append(f"it scrapes every {interval}, and not every {self.interval}, by --interval")
        self.interval = interval
        times, jobs = self.settings.get("global") or {}, self.settings.get("scrape_configs") or []
        # A job with an interval of its own keeps it. For the others, a scrape may not last longer than the new one.
        for part in [times, *(job for job in jobs if not duration(job, "scrape_interval", ""))]:
            if milliseconds(duration(part, "scrape_timeout", "0s")) > milliseconds(interval):
                del part["scrape_timeout"]
        self.settings["global"] = times | dict.fromkeys(["scrape_interval", "evaluation_interval"], interval)

    def use_ports(self, app_port: int, own_port: int) -> None:
        """Watch the ports that the course's servers have in this run. Problem: two have the same, or it is none."""
        wanted = {
            9090: (own_port, "--port"),
            8000: (app_port, "COURSE_PORT"),
            8090: (ports.setting("COURSE_COLLECTOR_PORT", 8090), "COURSE_COLLECTOR_PORT"),
            9093: (ports.setting("COURSE_ALERTMANAGER_PORT", 9093), "COURSE_ALERTMANAGER_PORT"),
        }
        users = ["Prometheus", "the app", "the collector", "Alertmanager"]
        ports.apart(dict(zip(users, (new for new, _ in wanted.values()), strict=True)))
        named = self.move({old: new for old, (new, _) in wanted.items() if new != old})
        self.changes += [f"port {new} stands for {old}, by {why}" for old, (new, why) in wanted.items() if old in named]

    def lists_of_targets(self) -> list[Json]:
        """The parts of the file that name targets."""
        return targets_in(self.settings.get("scrape_configs"))

    def move(self, new: dict[int, int]) -> set[int]:
        """Watch other ports of this machine, all at once; the old ones of them that the file names.

        new: by the old port. One after the other would not do: a port may be a new one and an old one.
        """
        old = {f"{host}:{port}": port for port in new for host in ("127.0.0.1", "localhost")}
        lists = self.lists_of_targets() + targets_in((self.settings.get("alerting") or {}).get("alertmanagers"))
        named = {old[target] for part in lists for target in part["targets"] if target in old}
        for part in lists:
            part["targets"] = [f"127.0.0.1:{new[old[one]]}" if one in old else one for one in part["targets"]]
        return named

    def ports_watched(self) -> list[int]:
        """The ports of this machine that are watched."""
        targets = [str(target) for part in self.lists_of_targets() for target in part["targets"]]
        return [int(one.rpartition(":")[2]) for one in targets if re.fullmatch(r"(127\.0\.0\.1|localhost):\d+", one)]

    def longest_interval(self) -> str:
        """The longest time between two scrapes of the same job."""
        jobs = self.settings.get("scrape_configs") or []
        return max(
            [self.interval, *(duration(job, "scrape_interval", self.interval) for job in jobs)], key=milliseconds
        )

    def rules(self) -> list[Path]:
        """The files of its rules."""
        patterns = self.settings.get("rule_files") or []
        return [Path(file) for one in patterns for file in sorted(glob.glob(pattern(PROMETHEUS, one)))]

    def file(self, folder: Path) -> Path:
        """The file for Prometheus: the user's own one; one in this folder only if something has changed.

        Or if the path of the course has a [ in it: Prometheus would look for the user's rules in another folder.
        """
        if not self.changes and is_plain(PROMETHEUS):
            return FILE
        settings = absolute(self.settings)
        if self.fits_rules:
            prometheus_rules.write(folder / "rules", self.interval, self.rules())
            settings["rule_files"] = [beside(folder, "rules/*.yml")]
        folder.mkdir(parents=True, exist_ok=True)
        for number, text in enumerate(self.more_rules, start=1):
            more = folder / f"more_rules_{number}.yml"
            text = prometheus_rules.scaled(text, self.interval) if self.fits_rules else text
            more.write_text(text, encoding="utf-8")
            settings["rule_files"] = [*(settings.get("rule_files") or []), beside(folder, more.name)]
        file = folder / "prometheus.yml"
        file.write_text(plain_yaml.dump(settings), encoding="utf-8")
        return file


def pattern(folder: Path, files: str) -> str:
    """The pattern of these files in this folder, for Prometheus as for Python: a [ in the folder's path is a letter.

    Where `files` is a whole path, it stays as it is.
    """
    return Path(glob.escape(str(folder)), files).as_posix()


def is_plain(folder: Path) -> bool:
    """True if there is nothing in its path that a pattern would read in another way."""
    return glob.escape(str(folder)) == str(folder)


def beside(folder: Path, files: str) -> str:
    """The pattern of files beside the configuration in this folder, whose path Prometheus puts before it as it is."""
    return files if is_plain(folder) else pattern(folder, files)


def targets_in(jobs: list[Json] | None) -> list[Json]:
    """The parts of these jobs, or of these Alertmanagers, that name targets."""
    return [part for job in jobs or [] for part in job.get("static_configs") or [] if part.get("targets")]


def duration(part: Json, key: str, otherwise: str) -> str:
    """The time of this name in a part of the file; where it is none or 0, another one. Problem: it is no duration."""
    said = str(part.get(key) or "0")
    if said == "0":
        return otherwise
    try:
        milliseconds(said)
    except Problem as problem:
        raise Problem(f"{key} in {PROMETHEUS.name}/{FILE.name}: {problem}") from None
    return said


def read() -> Json:
    """The content of prometheus.yml; nothing, if it is empty. Problem: it is not what Prometheus reads."""
    settings = read_yaml(FILE)
    if not has_the_shape(settings or {}):
        raise Problem(
            f"{PROMETHEUS.name}/{FILE.name} is no configuration of Prometheus: lesson 08 shows how one looks."
        )
    return settings or {}


def read_yaml(file: Path) -> Any:
    """What a YAML file of the folder prometheus holds. Problem: it cannot be read."""
    name = f"{PROMETHEUS.name}/{file.name}"
    try:
        return plain_yaml.load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem(f"{name} cannot be read: {error.strerror}.") from None
    except UnicodeError:
        raise Problem(f"{name} is not text in UTF-8: save it anew.") from None
    except (yaml.YAMLError, RecursionError) as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        where = f" in line {mark.line + 1}" if mark else ""
        what = problem or str(error).partition("\n")[0]
        raise Problem(f"{name} is not right{where}: {what}.") from None


def has_the_shape(settings: Any) -> bool:
    """True if the parts that are looked at here are lists and tables where they must be; Prometheus checks the rest."""

    def lists(value: Any, kind: type) -> bool:
        return value is None or (isinstance(value, list) and all(isinstance(one, kind) for one in value))

    if not isinstance(settings, dict) or not isinstance(settings.get("global") or {}, dict):
        return False
    alerting = settings.get("alerting") or {}
    if not isinstance(alerting, dict) or not lists(settings.get("rule_files"), str):
        return False
    return all(
        lists(jobs, dict)
        and all(
            lists(job.get("static_configs"), dict)
            and all(lists(part.get("targets"), str) for part in job.get("static_configs") or [])
            for job in jobs or []
        )
        for jobs in (settings.get("scrape_configs"), alerting.get("alertmanagers"))
    )


def absolute(value: Any, key: str = "") -> Any:
    """The same settings, but each path of a file whole: their copy lies in another folder."""
    if key in ("labels", "external_labels"):  # a learner's own names, and no settings
        return value
    if isinstance(value, dict):
        return {name: absolute(one, str(name)) for name, one in value.items()}
    if isinstance(value, list):
        return [absolute(one, key) for one in value]
    if isinstance(value, str) and key in ("rule_files", "scrape_config_files", "files"):
        return pattern(PROMETHEUS, value)
    if isinstance(value, str) and key.endswith("_file"):
        return (PROMETHEUS / value).as_posix()
    return value
