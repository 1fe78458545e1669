"""The files to run the library by name commands, settings and files that are there, and shut doors.

No container is built in a run; what they say is held to what the program has, and to what was
learned where they were started (docs/measured.md, “In containers”).
"""

import json
import os
import re
import shutil
import subprocess
import sys
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


def _composed() -> dict[str, dict]:
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
    stages = re.findall(r"^FROM \S+ AS (\S+)$", CONTAINER, re.MULTILINE)
    images = [
        one for one in re.findall(r"^FROM (\S+)", CONTAINER, re.MULTILINE) if one not in stages
    ]
    images += [one["image"] for one in _composed().values()]
    for image in images:  # by name, from wherever who builds gets them; never whatever is newest
        assert "." not in image.partition("/")[0].partition(":")[0]
        assert image == "maktaba" or (":" in image and not image.endswith(":latest"))
    for name in ("library", "worker", "backup"):
        service = _composed()[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
    published = {name: one["ports"] for name, one in _composed().items() if "ports" in one}
    assert set(published) == {"library"}
    assert all(port.startswith("127.0.0.1:") for port in published["library"])


def test_the_packages_of_the_container_are_those_of_the_project() -> None:
    code = re.search(r'^RUN python -c "(.+?)" > wanted.txt$', CONTAINER, re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code[1].replace("\\\n", "")],
        env={**os.environ, "EXTRAS": "semantic,paper"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["semantic"], *extras["paper"]]
    assert done.stdout.splitlines() == wanted
    for name in ("dependencies", "optional-dependencies"):  # no hook of the build adds to them
        assert name not in project.get("dynamic", [])


def test_a_new_version_is_built_without_its_packages_being_made_anew() -> None:
    stages = re.split(r"^FROM ", CONTAINER, flags=re.MULTILINE)[1:]
    packages = next(stage for stage in stages if "AS packages" in stage)
    copied = re.findall(r"^COPY (.+)$", packages, re.MULTILINE)
    assert copied == ["constraints.txt ./", "--from=wanted /src/wanted.txt ./"]
    first, second = re.findall(r"^COPY (.+)$", stages[-1], re.MULTILINE)  # what changes comes last
    assert (first.split()[0], second.split()[0]) == ("--from=packages", "--from=build")


def test_what_an_image_is_built_of_is_all_that_is_handed_over() -> None:
    handed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in handed
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, re.MULTILINE)
    wanted = {name for line in copied for name in line.split()}
    assert {line[1:] for line in handed if line.startswith("!")} == wanted
    assert "deploy/.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_first_process_of_a_container_passes_signals_on() -> None:
    """Else a stop while it loads the encoder is lost, and waits until it is killed."""
    assert '\nENTRYPOINT ["tini", "-e", "143", "--", "kb"]\n' in CONTAINER
    assert re.search(r"^ .+ tini \\$", CONTAINER, re.MULTILINE)


def test_whoever_names_a_service_of_a_profile_names_the_profile_too() -> None:
    """podman-compose knows no other way, and did nothing at all without it."""
    profiles = {name: one["profiles"] for name, one in _composed().items() if "profiles" in one}
    assert profiles == {"worker": ["worker"], "backup": ["backup"]}
    for path in (ROOT / "docs" / "runbook.md", DEPLOY / "compose.yaml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := re.search(r"compose\b.* (?:run|up) .*\b(worker|backup)\b(?!s)", line):
                assert f"--profile {found[1]} " in line, line


def test_what_is_composed_is_healthy_only_when_it_is() -> None:
    services = _composed()
    asked = services["database"]["healthcheck"]["test"]
    assert asked[1:4] == ["pg_isready", "-h", "127.0.0.1"]  # its socket answers before it is made
    found = re.search(r"^HEALTHCHECK (.+) \\\n +CMD (.+)$", CONTAINER, re.MULTILINE)
    said = services["library"]["healthcheck"]
    assert said["test"] == ["CMD", *json.loads(found[2])]
    options = dict(one.lstrip("-").split("=") for one in found[1].split())
    assert options == {name.replace("_", "-"): str(said[name]) for name in said if name != "test"}
    for name in ("worker", "backup"):
        assert services[name]["healthcheck"] == {"disable": True}


def test_what_is_composed_comes_back_and_has_room_and_settings() -> None:
    services = _composed()
    always = {name for name, one in services.items() if one["restart"] == "always"}
    assert always == {"database", "library", "worker"}  # podman-restart.service starts no others
    assert services["database"]["shm_size"] == "5gb"  # more than search.pgvector ever asks for
    for name in ("library", "worker", "backup"):
        assert services[name]["env_file"] == [".env"]
        assert services[name]["environment"].keys() >= {"KB_DATABASE", "PGPASSWORD"}
        assert "${BACKUPS:-backups}:/var/backups/maktaba" in services[name]["volumes"]
        # Without the internet nobody says that a stopped database has no name: do not ask for long.
        assert services[name]["dns_opt"] == ["timeout:1", "attempts:1"]


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
