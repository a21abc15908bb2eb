"""Drive a server as hard as some clients can, and measure its answers."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import aiohttp


class Load(NamedTuple):
    """What was measured: requests answered in each second, times in milliseconds, answers that were no success."""

    rate: float
    mean: float
    p50: float
    p99: float
    errors: int


def drive(url: str, bodies: Sequence[bytes], clients: int = 1, seconds: float = 1) -> Load:
    """Let so many clients post these bodies in turn, each as soon as its last request is answered.

    It works in a notebook too, where a loop of asyncio is running already: this one runs in a thread of its own.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, drive_all(url, bodies, clients, seconds)).result()


async def drive_all(url: str, bodies: Sequence[bytes], clients: int, seconds: float) -> Load:
    """As drive, for those who have a loop."""
    times: list[float] = []
    errors = 0

    async def be_a_client(number: int) -> None:
        nonlocal errors
        turn = number
        while time.perf_counter() < end:
            before = time.perf_counter()
            try:
                async with session.post(url, data=bodies[turn % len(bodies)]) as answer:
                    await answer.read()
                    errors += answer.status != 200
            except aiohttp.ClientError:
                errors += 1
            times.append(time.perf_counter() - before)
            turn += clients

    connector = aiohttp.TCPConnector(limit=0)
    headers = {"content-type": "application/json"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        start = time.perf_counter()
        end = start + seconds
        await asyncio.gather(*(be_a_client(number) for number in range(clients)))
        lasted = time.perf_counter() - start
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else times * 99
    return Load(len(times) / lasted, 1000 * statistics.mean(times), 1000 * cuts[49], 1000 * cuts[98], errors)
