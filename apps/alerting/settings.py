"""What the page of alerts reads in the environment, all of it."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from titanic.from_environment import FromEnvironment

LOGS = Path(__file__).resolve().parents[2] / "logs"


class Settings(FromEnvironment):
    """Each field is a variable: see FromEnvironment."""

    alert_database: Path = LOGS / "alerts.sqlite3"
    """The file in which alerts are kept."""
    alertmanager_url: str = ""
    """Where Alertmanager is. Without it, on this machine, on the port that course.py gives it."""
    course_alertmanager_port: int = 9093
    """That port."""
    watchdog_seconds: Annotated[float, Field(gt=0)] = 180
    """So long the alert that always fires may stay away. It comes about once a minute."""

    @property
    def alertmanager(self) -> str:
        """The address of Alertmanager, without a slash at its end."""
        return (self.alertmanager_url or f"http://127.0.0.1:{self.course_alertmanager_port}").rstrip("/")
