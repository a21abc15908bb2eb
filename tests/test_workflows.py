"""What runs elsewhere only: the workflows of GitHub, and the dev container. Here, their files are read."""

import json
import re
from pathlib import Path

import pytest
import yaml
from setting_up import command

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))


def steps(workflow):
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.stem)
def test_a_workflow_calls_commands_that_there_are_and_pins_what_it_uses(workflow):
    called = re.findall(r"course\.py (\w+)", "\n".join(step.get("run", "") for step in steps(workflow)))
    assert called
    assert set(called) <= command.commands().keys()
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert [action for action in used if not re.fullmatch(r"actions/[\w-]+@v\d+", action)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.stem)
def test_a_job_may_do_no_more_than_it_needs_and_ends(workflow):
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert content["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] <= 60 for job in content["jobs"].values())


def test_the_website_is_published_from_what_the_command_makes():
    found = steps(ROOT / ".github" / "workflows" / "website.yml")
    order = [step.get("run") or step["uses"].partition("@")[0] for step in found]
    build, test, upload, deploy = map(order.index, [
        "python course.py book", "python course.py test tests/test_book.py",
        "actions/upload-pages-artifact", "actions/deploy-pages",
    ])  # fmt: skip
    assert build < test < upload < deploy
    assert found[upload]["with"]["path"] == "site"


def test_the_dev_container_runs_the_one_command_and_shows_each_server():
    assert CONTAINER["postCreateCommand"] == "python course.py setup"
    assert {str(port) for port in CONTAINER["forwardPorts"]} == CONTAINER["portsAttributes"].keys()
    rows = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if "`COURSE_" in line]
    assert {8888, *map(int, re.findall(r"\b\d{4}\b", "".join(rows)))} == set(CONTAINER["forwardPorts"])
