"""A broker of one's own ends with who started it, and leaves nothing."""

import tempfile
from pathlib import Path
from unittest.mock import Mock

import pytest
from waiting import until

from classroom.servers import ports
from classroom.servers.brokers import PROGRAMS, Broker, BrokerServer, find
from titanic.problem import Problem


def needs(name):
    """Skip the test where there is no such broker."""
    if find(name) is None:
        pytest.skip(f"there is no {name} broker on this machine")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_broker_ends_with_its_notebook_even_if_that_is_killed(name, notebook):
    needs(name)
    process = notebook(
        f"import time; from classroom.servers.brokers import Broker; it = Broker({name!r}); "
        "print(it.port, it.folder, flush=True); time.sleep(600)"
    )
    port, folder = process.stdout.readline().split()
    assert ports.is_taken(int(port))
    assert Path(folder).is_dir()
    process.kill()
    assert ports.wait_until_free(int(port), seconds=60)
    until(lambda: not Path(folder).exists())


def test_a_broker_that_does_not_start_says_why(monkeypatch, tmp_path):
    needs("redis")
    program = tmp_path / "redis"
    program.write_text("#!/bin/sh\necho no such luck\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setitem(PROGRAMS, "redis", [str(program)])
    with pytest.raises(
        Problem, match=r"^The redis broker did not start: no such luck \(all of it is in logs.redis.log\)$"
    ):
        Broker("redis")


def test_an_interrupted_start_leaves_no_folder_and_an_interrupted_revival_keeps_it(monkeypatch, tmp_path):
    needs("redis")
    broker = Broker("redis")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(BrokerServer, "ends_within", Mock(side_effect=KeyboardInterrupt))
    monkeypatch.setattr(BrokerServer, "has_its_port", lambda self: False)
    try:
        with pytest.raises(KeyboardInterrupt):
            Broker("redis")
        assert list(tmp_path.iterdir()) == []
        broker.kill()
        with pytest.raises(KeyboardInterrupt):
            broker.revive()
        assert broker.folder.is_dir()
    finally:
        broker.stop()


def test_a_broker_that_was_killed_is_revived_and_a_running_one_is_left_alone():
    needs("redis")
    broker = Broker("redis")
    try:
        broker.kill()
        broker.revive()
        assert ports.is_taken(broker.port)
        server = broker._server
        broker.revive()
        assert broker._server is server
    finally:
        broker.stop()
