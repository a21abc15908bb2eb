"""Where things lie in the folder of the course."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
BEFORE = TOOLS / "venv-before"  # a complete .venv, while the next one is being made
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
REQUIREMENTS = [ROOT / "requirements.txt", ROOT / "constraints.txt"]
PROJECT = ROOT / "pyproject.toml"
COMMANDS = ROOT / "notebooks" / "classroom" / "commands"
SOURCES = ("apps", "notebooks", "grafana_dashboard")  # what is imported from here; pyproject.toml names them, too
STAMP = VENV / "course-is-ready"
