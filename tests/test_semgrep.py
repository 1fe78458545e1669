"""The rules of tests/semgrep.yaml: each finds what it is for, and leaves alone what is right.

semgrep is one of the tools of `make audit`, which puts it into .tools; without it the examples are
left out.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
RULES = ROOT / "tests" / "semgrep.yaml"
READ = yaml.safe_load(RULES.read_text(encoding="utf-8"))["rules"]
NAMES = [rule["id"] for rule in READ]
SEMGREP = shutil.which(
    "semgrep", path=os.pathsep.join([str(ROOT / ".tools/bin"), os.environ["PATH"]])
)
EXAMPLES = [
    (rule["id"], kind, number, example, rule["metadata"].get("as", "py"))
    for rule in READ
    for kind in ("bad", "good")
    for number, example in enumerate(rule["metadata"][kind])
]


def test_each_rule_has_a_name_of_its_own_and_an_example_of_both_kinds() -> None:
    assert len(set(NAMES)) == len(NAMES)
    for rule in READ:
        assert rule["metadata"]["bad"], rule["id"]
        assert rule["metadata"]["good"], rule["id"]


def test_make_audit_reads_the_source_by_these_rules() -> None:
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--config tests/semgrep.yaml" in make
    assert "semgrep==" in make


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Return by each example the rules that found something in it: one run for all of them."""
    if SEMGREP is None:
        pytest.skip("semgrep is not installed: `make audit` does it")
    folder = tmp_path_factory.mktemp("examples")
    for name, kind, number, example, ending in EXAMPLES:
        (folder / f"{name}_{kind}_{number}.{ending}").write_text(example, encoding="utf-8")
    done = subprocess.run(
        [
            *(SEMGREP, "scan", "--metrics=off", "--disable-version-check", "--no-git-ignore"),
            *("--json", "--quiet", "--jobs=1", "--config", RULES, folder),
        ],
        capture_output=True,
        check=False,
        timeout=300,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    assert not said["errors"]
    by_file: dict[str, set[str]] = {}
    for one in said["results"]:
        by_file.setdefault(Path(one["path"]).name, set()).add(one["check_id"].rpartition(".")[2])
    return by_file


@pytest.mark.parametrize(
    ("name", "kind", "number", "ending"),
    [(name, kind, number, ending) for name, kind, number, _, ending in EXAMPLES],
)
def test_a_rule_finds_what_is_bad_and_leaves_alone_what_is_good(
    found: dict[str, set[str]], name: str, kind: str, number: int, ending: str
) -> None:
    assert (name in found.get(f"{name}_{kind}_{number}.{ending}", set())) == (kind == "bad")
