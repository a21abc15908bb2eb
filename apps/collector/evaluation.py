"""Check what a language model answered, with Scouter's own evaluator. No language model is asked for this."""

import json
from collections.abc import Sequence
from contextlib import suppress

from scouter import EvalRecord, GenAIEvalProfile
from scouter.evaluate import EvalDataset

from collector.messages import EvalContent

WORKFLOW = "workflow"  # Scouter's name for the share of checks that a record passes


def read_profile(text: str) -> GenAIEvalProfile:
    """Read the profile in this JSON as Scouter does. ValueError: it is none, or a check has the name of the whole."""
    try:
        profile = GenAIEvalProfile.model_validate_json(text)
    except BaseException as error:  # on some broken profiles, Scouter raises what is no Exception
        raise ValueError("Scouter cannot read this profile") from error
    if any(task.id == WORKFLOW for task in profile.assertion_tasks):
        raise ValueError(f"a check must not be called {WORKFLOW}")
    return profile


def evaluate(profile: GenAIEvalProfile, contents: Sequence[EvalContent]) -> list[dict[str, float] | None]:
    """For each record: each check and its result (1 passed, 0 not), and under "workflow" the share that passed.

    None for a record that cannot be checked, for example because a field is missing. Checks that need a language
    model or a trace (judges, traces, agents) are left out: the real server runs them.
    """
    results: list[dict[str, float] | None] = [None] * len(contents)
    if not profile.assertion_tasks:
        return results
    records = []
    for place, content in enumerate(contents):
        # The place of each record is its id: the evaluator gives the results back in an order of its own.
        with suppress(BaseException):  # a number or a text that Scouter cannot hold costs no other record its check
            records.append(EvalRecord(context=content.context, id=str(place)))
    try:
        dumped = EvalDataset(records, profile.assertion_tasks).evaluate().model_dump_json()
    except BaseException:  # the same again
        return results
    for one in json.loads(dumped)["aligned_results"]:
        if one["success"]:
            passed = {task["task_id"]: float(task["passed"]) for task in one["eval_set"]["records"]}
            results[int(one["record_id"])] = passed | {WORKFLOW: one["eval_set"]["inner"]["pass_rate"]}
    return results
