"""A stand-in for a language model that gives marks to answers (lesson 17): it follows a written rule.

It speaks as much of OpenAI's protocol as Scouter's evaluator needs, so that the lesson costs nothing and works without
the internet. It understands nothing of what it reads.
"""

import json
import re
from typing import Any

from fastapi import FastAPI

app = FastAPI()


def mark(answer: str) -> tuple[int, str]:
    """A mark from 1 to 5, and why: an answer that is not sure gets two less, and so does one that names no time."""
    unsure = "I think" in answer or "may be wrong" in answer
    no_time = not re.search(r"noon|midnight|\d", answer)
    reason = ", ".join(["it is not sure"] * unsure + ["it names no time"] * no_time)
    return 5 - 2 * unsure - 2 * no_time, reason or "it is sure, and names a time"


@app.post("/v1/chat/completions")
def complete(request: dict[str, Any]) -> dict[str, Any]:
    """Give a mark to what stands behind the last *Answer:* of the prompt."""
    prompt = request["messages"][-1]["content"][0]["text"]
    score, reason = mark(prompt.rpartition("Answer:")[2])
    message = {"role": "assistant", "content": json.dumps({"score": score, "reason": reason})}
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    return {
        "id": "stand-in", "object": "chat.completion", "created": 0, "model": request["model"],
        "choices": choices, "usage": usage,
    }  # fmt: skip
