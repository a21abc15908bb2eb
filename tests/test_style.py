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


def test_no_file_is_read_or_written_in_the_code_page_of_the_machine():
    """course.py runs the tests in UTF-8; but an app may be started by uvicorn alone, and the set-up comes before."""
    rule = ["--preview", "--select", "PLW1514", "--exclude", "tests,conftest.py"]
    result = subprocess.run([sys.executable, "-m", "ruff", "check", *rule, "."], cwd=ROOT, capture_output=True)
    assert result.returncode == 0, result.stdout
    folders = ("apps", "notebooks/classroom", "setting_up", "images", "grafana_dashboard")
    sources = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    assert [file.name for file in sources if "text=True" in file.read_text(encoding="utf-8")] == []


def test_no_two_files_have_names_that_differ_in_capital_letters_only():
    """Windows and macOS would keep one of them."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    names = [name.casefold() for name in listed.stdout.split("\0")]
    assert len(names) == len(set(names))


def test_all_files_are_checked_out_with_the_same_line_ends_everywhere():
    """Git for Windows writes CRLF, unless it is told otherwise: outputs and .ci/run would differ."""
    command = ["git", "ls-files", "-z", "--eol"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    kinds = [line.split("\t")[0].split() for line in listed.split("\0") if line]
    assert {(index, *attributes) for index, _, *attributes in kinds} <= {
        ("i/lf", "attr/text=auto", "eol=lf"), ("i/none", "attr/text=auto", "eol=lf"), ("i/-text", "attr/-text"),
    }  # fmt: skip


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


PAGES = [*(ROOT / "apps").glob("*/templates/*.html"), ROOT / "grafana_dashboard" / "dashboard_preview" / "page.py"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_is_as_wide_as_the_window_on_a_telephone_too(path):
    assert '<meta name="viewport" content="width=device-width' in path.read_text(encoding="utf-8")
