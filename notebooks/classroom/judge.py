"""Start the stand-in for a language model that gives marks."""

import os
import sys

from classroom.servers.ports import free_port
from classroom.servers.process import Server


class Judge(Server):
    """The stand-in, which answers in place of the language model of a provider."""

    name = "The stand-in judge"
    ready_page = "/openapi.json"

    def __init__(self) -> None:
        port = free_port()
        module = "classroom.servers.stand_in_judge:app"
        super().__init__(port, [sys.executable, "-m", "uvicorn", module, "--port", str(port)])


def start_judge() -> Judge:
    """Start the stand-in, and let Scouter's evaluator in this notebook ask it. Problem: it does not start."""
    judge = Judge()
    judge.wait_until_ready()
    os.environ["OPENAI_API_URL"] = f"{judge.url}/v1"
    os.environ["OPENAI_API_KEY"] = "the stand-in asks for none"
    print("The stand-in judge is running.")
    return judge
