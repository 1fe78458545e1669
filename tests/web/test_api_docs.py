"""The examples of docs/api.md, run as they stand against a server."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from kb import api_tokens, users
from kb.people import Grant
from kb.vocabulary import ApiScope, Role
from tests.web.browsing import served

TEXT = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(sh|python)\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)
NOWHERE = "https://library.example"
# An answer that is an error fails the example.
STRICT = 'set -euo pipefail; curl() { command curl --silent --show-error --fail-with-body "$@"; }\n'


def test_the_examples_do_what_the_page_says(own_sample, tmp_path, monkeypatch, capsys) -> None:
    assert {kind for kind, _ in EXAMPLES} == {"sh", "python"}
    with own_sample.writing() as session:
        user = users.add(session, "program@people.example", name="Program", by="tests")
        users.grant(session, user, Grant(Role.CURATOR), by="tests")
        token = api_tokens.make(session, user, name="docs", scopes=list(ApiScope))
        session.commit()
    folder = tmp_path / "there"
    folder.mkdir()
    (folder / "May.md").write_text("# Weigh later\n\n## Change\n\nWeigh after the feed.\n")
    monkeypatch.setenv("MAKTABA_TOKEN", token)
    opened = []

    def opening(**options) -> httpx.Client:
        # A machine that runs other tests beside may take longer than httpx waits.
        opened.append(client(**options, timeout=120))
        return opened[-1]

    client = httpx.Client
    monkeypatch.setattr(httpx, "Client", opening)
    monkeypatch.chdir(folder)
    curl = shutil.which("curl")
    with served(own_sample) as site:
        for kind, example in EXAMPLES:
            here = example.replace(NOWHERE, site)
            if kind == "python":
                exec(compile(here, "docs/api.md", "exec"), {})
                opened.pop().close()
            elif curl:
                done = subprocess.run(
                    ["bash", "-c", STRICT + here],
                    capture_output=True,
                    text=True,
                    env=os.environ | {"NO_PROXY": "*"},
                )
                assert done.returncode == 0, f"{example}\n{done.stdout}\n{done.stderr}"
    assert "June.md added" in capsys.readouterr().out
    if not curl:
        pytest.skip("the examples with curl are not run here: there is no curl")
