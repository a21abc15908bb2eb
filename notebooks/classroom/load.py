"""Drive a server as hard as some clients can, and measure its answers."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit


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
    requests = [request(url, body) for body in bodies]

    async def be_a_client(number: int) -> None:
        nonlocal errors
        turn = number
        connection = await connect(url)
        while True:  # once at least, however long it took to connect
            before = time.perf_counter()
            try:
                status = await ask(connection, requests[turn % len(requests)])
                errors += status != 200  # not in one line: while it awaits, other clients count too
            except (OSError, EOFError):  # the server has closed the connection
                errors += 1
                connection = await connect(url)
            times.append(time.perf_counter() - before)
            turn += clients
            if time.perf_counter() >= end:
                break
        connection[1].close()

    start = time.perf_counter()
    end = start + seconds
    await asyncio.gather(*(be_a_client(number) for number in range(clients)))
    lasted = time.perf_counter() - start
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else times * 99
    return Load(len(times) / lasted, 1000 * statistics.mean(times), 1000 * cuts[49], 1000 * cuts[98], errors)


# A library for HTTP would take a quarter of the time that is to be measured. What follows is all that is needed here.
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(url: str) -> Connection:
    """Open a connection to the server of this address. OSError, which names the address: there is none."""
    address = urlsplit(url).hostname, urlsplit(url).port
    try:
        return await asyncio.open_connection(*address)
    except ConnectionRefusedError as error:  # on Windows it names none
        raise ConnectionRefusedError(error.errno, f"No connection to {address}") from None


def request(url: str, body: bytes) -> bytes:
    """All bytes of a POST request with this JSON body."""
    where = urlsplit(url)
    head = f"POST {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def ask(connection: Connection, request: bytes) -> int:
    """Send a request, read its answer to the end, and return the status. EOFError: the connection was closed."""
    reader, writer = connection
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
    return int(head.split(maxsplit=2)[1])


async def capacity(body: bytes, seconds: float) -> float:
    """The requests a second of the load generator itself, against a server that only says yes."""

    class Yes(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    server = await asyncio.get_running_loop().create_server(Yes, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        return (await asyncio.to_thread(drive, url, [body], 16, seconds)).rate
