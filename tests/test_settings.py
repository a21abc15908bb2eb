"""Settings come from the environment when they are asked for; to import a block of the course changes nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from titanic.problem import Problem
from titanic.settings import Settings

APPS = Path(__file__).resolve().parents[1] / "apps"

# Imports all blocks; a folder that is made, an exit, a variable, a path or an exit handler of ours is an error.
PROGRAM = """
import atexit, importlib, os, sys

def refuse(*arguments, **options):
    raise AssertionError("an import must not do this")

def register(function, *arguments, real=atexit.register, **options):
    assert "/apps/titanic/" not in sys._getframe(1).f_code.co_filename.replace(os.sep, "/"), "an exit handler"
    return real(function, *arguments, **options)

os.mkdir = sys.exit = refuse
atexit.register = register
paths, variables = list(sys.path), dict(os.environ)
for name in ("KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"):  # scikit-learn itself sets these, for OpenMP
    variables.setdefault(name, "True" if "LIB" in name else "FALSE")
for name in sys.argv[1:]:
    importlib.import_module(name)
assert sys.path == paths, set(sys.path) - set(paths)
assert dict(os.environ) == variables, set(os.environ.items()) ^ set(variables.items())
print("imported", len(sys.argv[1:]))
"""


def test_the_environment_is_read_when_a_setting_is_asked_for(monkeypatch):
    monkeypatch.setenv("SCOUTER_SERVER_URI", "http://one")
    assert Settings().scouter_server_uri == "http://one"
    monkeypatch.setenv("SCOUTER_SERVER_URI", "http://two")
    assert Settings().scouter_server_uri == "http://two"


# What a variable may hold that is not just a text, and what it may not.
RIGHT = {"prediction_log_max_size": "100MB", "prediction_log_daily": "true", "prediction_log_keep_days": "30",
         "outcome_keep_predictions": "1000", "scouter_shutdown_seconds": "2.5",
         "model_poll_seconds": "0.5", "canary_share": "0.1"}  # fmt: skip
WRONG = [("prediction_log_max_size", "much"), ("prediction_log_max_size", "0"), ("prediction_log_daily", "midnight"),
         ("prediction_log_keep_days", "-1"), ("prediction_log_keep_days", "a week"),
         ("outcome_keep_predictions", "0"), ("outcome_keep_predictions", "all"),
         ("scouter_shutdown_seconds", "-1"), ("model_poll_seconds", "0"), ("model_poll_seconds", "inf"),
         ("canary_share", "1.1"), ("canary_share", "nan"),
         ("scouter_password", " admin"), ("scouter_password", "adm\nin"), ("scouter_username", "ann ")]  # fmt: skip


@pytest.mark.parametrize("field", Settings.model_fields)
def test_an_empty_variable_is_none(field, monkeypatch):
    monkeypatch.delenv(field.upper(), raising=False)
    default = getattr(Settings(), field)
    monkeypatch.setenv(field.upper(), "")
    assert getattr(Settings(), field) == default
    monkeypatch.setenv(field.upper(), RIGHT.get(field, "something"))
    assert getattr(Settings(), field) != default


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_variable_that_holds_nonsense_is_named_in_one_sentence(field, value, monkeypatch):
    monkeypatch.setenv(field.upper(), value)
    with pytest.raises(Problem, match=f"^{field.upper()} is not right: [^\\n]+\\.$"):
        Settings()


def test_the_sentence_about_a_password_that_no_header_can_carry_says_why_and_not_what(monkeypatch):
    monkeypatch.setenv("SCOUTER_PASSWORD", "ice\tberg")
    with pytest.raises(Problem, match=r"^SCOUTER_PASSWORD is not right: it .* HTTP cannot carry that\.$"):
        Settings()


def test_the_password_is_not_shown(monkeypatch):
    monkeypatch.setenv("SCOUTER_PASSWORD", "iceberg")
    assert "iceberg" not in repr(Settings())
    assert Settings().scouter_password.get_secret_value() == "iceberg"


def test_no_block_of_the_course_has_an_effect_when_it_is_imported():
    files = [*(APPS / "titanic").rglob("*.py")]
    names = [".".join(file.relative_to(APPS).with_suffix("").parts) for file in files if file.stem != "__main__"]
    child = subprocess.run([sys.executable, "-c", PROGRAM, *names], cwd=APPS, capture_output=True, text=True)
    assert child.stdout == f"imported {len(names)}\n", child.stderr


def test_the_environment_is_read_nowhere_else():
    """One place lists every setting. MLflow's telemetry and proxies are none: they are put right where they matter."""
    found = [file.name for file in (APPS / "titanic").rglob("*.py") if "os.environ" in file.read_text(encoding="utf-8")]
    assert set(found) <= {"settings.py", "store.py", "proxies.py"}
    for script in APPS.glob("*.py"):
        assert "environ[" not in script.read_text(encoding="utf-8")
        assert "environ.get" not in script.read_text(encoding="utf-8")
