"""A computer whose network cable leads nowhere: a namespace of its own, in which all is heard.

Its one way out is a cable without anybody at the other end. Each packet on it is counted, whoever
sends it: questions for names, and what libraries in C ask for, too. Which address a Python process
asks for is written down by an audit hook.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAMESPACE = ("unshare", "--map-root-user", "--net")
# Nothing is sent that nobody asks for: without IPv6 there are no greetings to neighbours.
CABLE = """
for set in all default; do echo 1 > /proc/sys/net/ipv6/conf/$set/disable_ipv6; done
ip link set lo up
ip link add out type veth peer name away
ip link set out up
ip link set away up
ip address add 192.0.2.2/24 dev out
ip route add default dev out
"$@"
code=$?
ip -statistics -json link show out >> "$HEARD.packets"
exit $code
"""
HOOK = """
import os, sys
ASKED = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0}
ASKED |= {"socket.connect": 1, "socket.sendto": 1}
HERE = {"", "localhost", "127.0.0.1", "::1", "0.0.0.0", "None"}
def hear(event, arguments):
    if event in ASKED:
        asked = arguments[ASKED[event]]
        name = asked[0] if isinstance(asked, tuple) else asked
        unix = event == "socket.connect" and not isinstance(asked, tuple)
        if not unix and str(name) not in HERE:
            with open(os.environ["HEARD"], "a") as file:
                print(event, asked, file=file)
sys.addaudithook(hear)
"""


@dataclass(frozen=True, slots=True)
class Alone:
    """Runs commands on a computer without a network; `folder` holds what was heard."""

    folder: Path

    def run(
        self, *command: str | Path, wall_s: float = 600, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command, in `folder`.

        Raises:
            AssertionError: it failed, or took longer than `wall_s` seconds.
        """
        done = subprocess.run(
            [*NAMESPACE, "sh", "-c", CABLE, "sh", *map(str, command)],
            check=False,
            capture_output=True,
            text=True,
            timeout=wall_s,
            cwd=self.folder,
            env=self._environment(environment),
        )
        if done.returncode:
            raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stderr[-3000:]}")
        return done

    def heard(self) -> list[str]:
        """Return what Python processes asked of the network."""
        file = self.folder / "heard.txt"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def packets(self) -> int:
        """Return how many packets went out, of all commands together."""
        told = (self.folder / "heard.txt.packets").read_text(encoding="utf-8").splitlines()
        return sum(link["stats64"]["tx"]["packets"] for line in told for link in json.loads(line))

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        hook = self.folder / "hook"
        hook.mkdir(exist_ok=True)
        (hook / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
        path = os.pathsep.join([str(hook), more.get("PYTHONPATH", "")])
        return {**kept, **more, "HEARD": str(self.folder / "heard.txt"), "PYTHONPATH": path}


def missing() -> str:
    """Return why there can be no such computer here, or nothing."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        return "It needs unshare and ip (on Debian: util-linux and iproute2)."
    laid = CABLE.partition('"$@"')[0]
    done = subprocess.run([*NAMESPACE, "sh", "-ec", laid], check=False, capture_output=True)
    return "" if not done.returncode else "This system lets nobody lay a cable that leads nowhere."
