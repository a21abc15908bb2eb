"""Where the parts of the course lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
APPS = ROOT / "apps"
NOTEBOOKS = ROOT / "notebooks"
SOLUTIONS = NOTEBOOKS / "classroom" / "solutions"
PROMETHEUS = ROOT / "prometheus"
GRAFANA = ROOT / "grafana_dashboard"
DEPLOY = ROOT / "deploy"
BOOK = ROOT / "book"
LOGS = ROOT / "logs"  # made by what runs, like the next two: all are ignored by git
TOOLS = ROOT / ".tools"
SITE = ROOT / "site"
