"""Who listens on a port of this machine, and who may."""

import os
import socket
import time
from itertools import combinations

from classroom.servers.holder import holder
from titanic.problem import Problem


def checked(port: int) -> int:
    """Give this port back. Problem: it is none."""
    if not 0 < port < 65536:
        raise Problem(f"{port} is not a port: a port is a number from 1 to 65535.")
    return port


def setting(variable: str, usual: int) -> int:
    """The port that this variable of the environment names, else the usual one. Problem: it names none."""
    said = os.environ.get(variable) or str(usual)
    if not (said.isascii() and said.isdigit() and 0 < int(said) < 65536):
        raise Problem(f"{variable} is {said}, which is not a port: a port is a number from 1 to 65535.")
    return int(said)


def apart(uses: dict[str, int]) -> None:
    """Problem: two of these servers, each with its port, are to have the same one."""
    for (one, port), (other, same) in combinations(uses.items(), 2):
        if port == same:
            raise Problem(
                f"{one.capitalize()} and {other} cannot both have port {port}: choose another for one of them."
            )


def instead_of(port: int) -> int:
    """The port to propose where this one cannot be had: the next one, if a program may have that."""
    return port + 1 if 1024 <= port < 65535 else 8001


def is_taken(port: int) -> bool:
    """True if something answers on this port of 127.0.0.1."""
    with socket.socket() as probe:
        # Whoever listens answers at once. Windows asks again for two seconds before it believes that nobody does.
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_kept(port: int) -> bool:
    """True if the system gives this port to nobody: Windows keeps some for virtual machines, others all below 1024."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return True
        except OSError:  # somebody has it, or had it a moment ago
            return False
    return False


def must_be_free(port: int, other: str) -> None:
    """Problem: no server can have this port: it is none, another program has it, or the system gives it to nobody.

    other: how one chooses another port, such as "python course.py cluster --port N".
    """
    checked(port)
    if is_taken(port):
        raise Problem(
            f"Port {port} is taken by {holder(port)}. If you started it in a terminal, press Ctrl-C there. "
            f"Or choose another port: {other}"
        )
    if is_kept(port):
        raise Problem(f"The system keeps port {port} for itself. Choose another port: {other}")


def wait_until_free(port: int, seconds: float = 10) -> bool:
    """Wait until nothing answers on this port any more; False if something still does after so many seconds."""
    deadline = time.monotonic() + seconds
    while is_taken(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


given: set[int] = set()  # what free_port has returned: soon something will listen there


def named() -> set[str]:
    """The ports that the environment names: COURSE_PORT, COURSE_PROMETHEUS_PORT ... Their servers may start later."""
    return {said for name, said in os.environ.items() if name.startswith("COURSE_") and name.endswith("PORT")}


def free_port() -> int:
    """A port that nothing uses now and no setting names, another one at each call."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in given and str(port) not in named():
            given.add(port)
            return port
