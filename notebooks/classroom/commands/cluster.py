"""Start several machines on this one, with copies of the app of lesson 25 on them."""

import argparse
import os
import sys
import time

from classroom.commands._ending import run
from classroom.servers import ports, ray_machine
from classroom.servers.app import train_if_needed, usual_port
from classroom.servers.ray_app import deploy
from classroom.servers.ray_machine import Machine
from titanic.problem import Problem

NAME = "ray_00_serve_app"
KILL = "taskkill /F /PID and the number of its process" if sys.platform == "win32" else "kill -9 its process"


def cluster() -> None:
    """Start them, say where they are, and wait until Ctrl-C. Problem: the head has ended."""
    parser = argparse.ArgumentParser(prog="python course.py cluster", description=__doc__)
    parser.add_argument("--machines", type=int, default=3, metavar="N", help="how many; 3, if it is left out")
    parser.add_argument(
        "--copies", type=int, default=2, metavar="N", help="of the app, each on a machine of its own; 2"
    )
    parser.add_argument("--port", type=int, metavar="N", help="where the app answers; 8000, if it is left out")
    options = parser.parse_args()
    port = usual_port(NAME) if options.port is None else ports.checked(options.port)
    if not 1 <= options.copies <= options.machines:
        raise Problem(f"{options.copies} copies need as many machines, and at least one; here are {options.machines}.")
    ports.must_be_free(port, "python course.py cluster --port N")
    train_if_needed(NAME)
    os.environ["COURSE_APP"] = NAME
    print(f"Starting {options.machines} machines. It takes half a minute ...", flush=True)
    machines = ray_machine.start(options.machines)
    ray_machine.connect(machines[0])
    deploy(NAME, port, options.copies)
    print(f"{options.copies} copies of {NAME} answer at http://127.0.0.1:{port}")
    for machine in machines:
        print(f"{machine.name}: process {machine.pid}")
    print(f"The head is {machines[0].name}. To see how another one is lost: {KILL}. Stop with Ctrl-C.", flush=True)
    try:
        watch(machines)
    except KeyboardInterrupt:
        from ray import serve

        serve.shutdown()  # what is being worked on is answered first
        raise


def watch(machines: list[Machine]) -> None:
    """Say which machine has ended, until Ctrl-C. Problem: it is the head."""
    head, others = machines[0], machines[1:]
    while head.is_running():
        time.sleep(0.2)
        for lost in [machine for machine in others if not machine.is_running()]:
            print(f"{lost.name} has ended.", flush=True)
            others.remove(lost)
    raise Problem("The head has ended, and with it the cluster.")


if __name__ == "__main__":
    run(cluster)
