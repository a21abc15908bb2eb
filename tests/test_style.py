"""One style for all code of the course, notebooks included."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["rules", "format"])
def test_ruff_is_content(command):
    result = subprocess.run([sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_mypy_is_content():
    result = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "apps").glob("*_app.py")), ids=lambda path: path.stem)
def test_a_script_can_be_read_in_one_go(path):
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 120
    assert f"uvicorn {path.stem}:app --reload" in source
    assert "__main__" not in source


def test_the_project_names_no_path_of_a_machine():
    files = subprocess.run(
        ["git", "ls-files", "*.py", "*.md", "*.txt", "*.toml"], cwd=ROOT, capture_output=True, text=True
    )
    for name in files.stdout.split():
        if name != "tests/test_notebooks.py" and name != "tests/test_style.py":
            assert not re.search(r"/(home|Users|root|work)/", (ROOT / name).read_text(encoding="utf-8")), name
