"""Ask Prometheus over its HTTP API. The preview and the lessons do it with this."""

import re
from typing import Any

import requests

from titanic.problem import Problem
from titanic.proxies import spare_this_machine

Json = dict[str, Any]  # an object as JSON has it


class NoAnswer(Problem):
    """Nothing answers at the address of Prometheus."""


class Prometheus:
    """A Prometheus at this address."""

    def __init__(self, url: str) -> None:
        spare_this_machine()
        self.url = url
        self._session = requests.Session()

    def ask(self, question: str, **parameters: str | float) -> Json:
        """The data in the answer, such as that to "query". NoAnswer: there is none. Problem: the question is wrong.

        Source: https://prometheus.io/docs/prometheus/latest/querying/api/
        """
        try:
            answer: Json = self._session.get(f"{self.url}/api/v1/{question}", params=parameters, timeout=30).json()
            if answer["status"] != "success":
                raise Problem(f"Prometheus says: {answer['error']}")
            data: Json = answer["data"]
        except (requests.JSONDecodeError, KeyError, TypeError):
            raise Problem(f"What answers at {self.url} is not Prometheus.") from None
        except requests.RequestException:
            raise NoAnswer(f"No Prometheus answers at {self.url}. Start it: python course.py monitor") from None
        return data


def in_order(query: str, result: list[Json]) -> list[Json]:
    """The series of an answer to a question about now, by their labels, unless the query itself puts them in order.

    Prometheus 2 gave them so; Prometheus 3 promises no order.
    """
    if re.match(r"\s*(sort|topk|bottomk)", query):
        return result
    return sorted(result, key=lambda series: sorted(series["metric"].items()))
