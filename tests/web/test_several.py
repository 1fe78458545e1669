"""Several processes behind one port: one that dies is replaced, and none outlives the first."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import psutil
import pytest

from kb.errors import NotReadyError
from kb.settings import Settings
from tests.web.mail_server import free_port
from web import server

KB = (sys.executable, "-c", "from web.cli import run; run()")
PROCESSES = 2
MANY = 40  # connections; that one of two processes has them all: once in 10¹²
PATIENCE_S = 120  # on a busy machine each takes seconds to start


@pytest.fixture
def pair(tmp_path) -> Iterator[tuple[psutil.Process, int, int]]:
    """Two processes that serve an empty library; the first of all, its port, that of metrics."""
    port, metrics = free_port(), free_port()
    said = {"DATA": str(tmp_path / "library"), "SEMANTIC": "false", "WORKERS": str(PROCESSES)}
    said |= {"METRICS": f"127.0.0.1:{metrics}", "LOG": "json"}
    environment = os.environ | {f"KB_{name}": value for name, value in said.items()}
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen([*KB, "serve", "--port", str(port)], env=environment, stderr=log)
    try:
        yield psutil.Process(server.pid), port, metrics
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def _tells(port: int) -> str:
    """Return what is told at the port; nothing while nobody is there."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/metrics").text
    except httpx.TransportError:
        return ""


def _telling(first: psutil.Process, ports: range) -> set[int]:
    """Return the numbers of the processes that tell something at the ports."""
    return {
        child.pid
        for child in first.children(recursive=True)
        if any(c.laddr.port in ports for c in child.net_connections())
    }


def test_a_process_that_dies_is_replaced_and_none_outlives_the_first(pair, tmp_path) -> None:
    first, port, metrics = pair
    each = range(metrics, metrics + PROCESSES)
    _until(lambda: all(_tells(one) for one in each))
    first.send_signal(signal.SIGTTOU)  # they stay as many as there are sockets
    address = f"http://127.0.0.1:{port}/topics"
    for _ in range(MANY):
        assert httpx.get(address).status_code == httpx.codes.OK
    assert all('route="/topics"' in _tells(one) for one in each)  # none of them had them all
    serving = _telling(first, each)
    assert len(serving) == PROCESSES
    os.kill(min(serving), signal.SIGKILL)
    _until(lambda: not psutil.pid_exists(min(serving)) and all(_tells(one) for one in each))
    assert httpx.get(address).status_code == httpx.codes.OK
    serving = _telling(first, each)
    first.send_signal(signal.SIGHUP)  # what a new version needs: each is replaced, one by one
    _until(lambda: not any(map(psutil.pid_exists, serving)) and all(_tells(one) for one in each))
    assert len(_telling(first, each)) == PROCESSES
    assert httpx.get(address).status_code == httpx.codes.OK
    below = first.children(recursive=True)
    first.terminate()
    _, alive = psutil.wait_procs([first, *below], timeout=PATIENCE_S)
    assert not alive
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    told = [line["message"] for line in lines]  # every line was one of JSON
    assert "There was no library at" in told[0]
    assert told.count("KB_WORKERS says how many processes there are.") == 1
    assert told.count("A process of the server died or hung, and was replaced.") == 1


def test_a_port_that_several_have_is_not_shared_with_another_library(tmp_path) -> None:
    several = server.listen("127.0.0.1", 0, several=PROCESSES)
    for one in several:
        one.listen()
    _, port = several[0].getsockname()
    assert {one.getsockname() for one in several} == {("127.0.0.1", port)}
    with pytest.raises(NotReadyError, match=f"127.0.0.1:{port} cannot be listened on"):
        server.listen("127.0.0.1", port, several=PROCESSES)
    metrics = Settings(data=tmp_path, metrics=f"127.0.0.1:{port}")
    with pytest.raises(NotReadyError, match=f"told at 127.0.0.1:{port}"):
        server.listen_for_metrics(metrics, several=PROCESSES)
    for one in several:
        one.close()
    with pytest.raises(NotReadyError, match=r"port must be 0-65535\.$"):
        server.listen_for_metrics(Settings(data=tmp_path, metrics="127.0.0.1:99999"), several=1)
