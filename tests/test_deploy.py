"""The files to run the library by name commands, settings and files that are there, and shut doors.

No container is built in a run; what they say is held to what the program has.
"""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from kb.settings import Settings
from web.cli import app

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
SHUT = {
    "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
    "PrivateDevices": "yes", "CapabilityBoundingSet": "", "RestrictNamespaces": "yes",
    "User": "maktaba", "SystemCallArchitectures": "native",
}  # fmt: skip


def _commands() -> set[str]:
    return {c.name or c.callback.__name__ for c in app.registered_commands}


def _composed() -> dict:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]


def test_what_the_files_set_and_call_is_there() -> None:
    known = {f"KB_{name.upper()}" for name in Settings.model_fields} | {"KB_TORCH_CPU_INDEX"}
    for path in [*UNITS, DEPLOY / "Containerfile", DEPLOY / "compose.yaml"]:
        assert set(re.findall(r"\bKB_\w+", path.read_text(encoding="utf-8"))) <= known, path.name
        called = re.findall(r"^ExecStart=/opt/maktaba/bin/kb (\w+)", path.read_text(), re.MULTILINE)
        assert set(called) <= _commands(), path.name
    assert re.findall(r'^CMD \["(\w+)"\]$', CONTAINER, re.MULTILINE) == ["serve"]
    assert {s["command"][0] for s in _composed().values() if "command" in s} <= _commands()
    for timer in DEPLOY.glob("*.timer"):
        assert timer.with_suffix(".service").exists()
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    for path in [*UNITS, DEPLOY / "Containerfile", DEPLOY / "compose.yaml"]:
        assert path.name in runbook


def test_the_container_is_built_of_what_is_here_and_runs_as_nobody_in_particular() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+)$", CONTAINER, re.MULTILINE)
    for line in copied:
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    for package in ("kb", "ingest", "search", "web"):
        assert f"COPY {package} {package}" in CONTAINER
    with (ROOT / "pyproject.toml").open("rb") as file:
        extras = tomllib.load(file)["project"]["optional-dependencies"]
    wanted = re.search(r"^ARG EXTRAS=(\S+)$", CONTAINER, re.MULTILINE)
    assert set(wanted[1].split(",")) <= set(extras)
    assert re.findall(r"^USER (\S+)$", CONTAINER, re.MULTILINE) == ["10001:10001"]
    assert "HEALTHCHECK" in CONTAINER
    assert "/healthz" in CONTAINER
    assert "PASSWORD" not in CONTAINER
    images = [*re.findall(r"^FROM (\S+)", CONTAINER, re.MULTILINE)]
    images += [one["image"] for one in _composed().values()]
    for image in images:  # by name, from wherever who builds gets them; never whatever is newest
        assert "." not in image.partition("/")[0].partition(":")[0]
        assert image == "maktaba" or (":" in image and not image.endswith(":latest"))
    for name in ("library", "worker", "backup"):
        service = _composed()[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert "ports" not in _composed()["database"]


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda path: path.stem)
def test_a_service_may_do_no_more_than_it_must(unit) -> None:
    said = dict(
        line.split("=", 1) for line in unit.read_text().splitlines() if re.match(r"[A-Z]\w+=", line)
    )
    assert {name: said.get(name) for name in SHUT} == SHUT


def test_systemd_takes_the_units(tmp_path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    for path in UNITS:  # with a program and an account that are here, too
        text = re.sub(
            r"^ExecStart=\S+ ", "ExecStart=/bin/true ", path.read_text(), flags=re.MULTILINE
        )
        text = re.sub(r"^(User|Group)=maktaba$", r"\1=root", text, flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())], capture_output=True, text=True
    )
    ours = [line for line in done.stderr.splitlines() if "maktaba" in line]
    assert ours == []
