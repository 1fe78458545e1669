"""Rules of safety that the source itself is read for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = ("kb", "ingest", "search", "web")
SOURCE = [file for part in PARTS for file in sorted((ROOT / part).rglob("*.py"))]
# What runs whatever stands in a file that is read.
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "jsonpickle"}
UNSAFE_CALLS = {"eval", "exec", "yaml.load", "yaml.unsafe_load", "torch.load", "pandas.read_pickle"}
UNSAFE_ARGUMENTS = {"allow_pickle", "shell", "trust_remote_code"}

# The only modules that talk to another computer, or start a program.
REACHES_OUT = {
    "web/oidc.py": {"httpx"},  # the provider that the operator names
    "web/mail.py": {"smtplib"},  # the mail server that the operator names
    "web/server.py": {"socket"},  # listens
    "ingest/ocr.py": {"subprocess"},
    "ingest/readers/legacy.py": {"subprocess"},
    "ingest/sandbox.py": {"subprocess"},
    "web/binding/paper.py": {"subprocess"},
    "web/publish/zim.py": {"subprocess"},
    "web/workers.py": {"subprocess"},  # more of us
    "web/demo.py": {"subprocess"},  # one more of us, to encode
}
OUT = {"httpx", "requests", "urllib.request", "http.client", "socket", "smtplib", "ftplib"}
OUT |= {"subprocess", "asyncio.subprocess", "urllib3", "aiohttp"}


def test_nothing_runs_what_it_reads_and_only_known_places_reach_out() -> None:
    reaching = {}
    for file in SOURCE:
        tree, name = ast.parse(file.read_bytes()), file.relative_to(ROOT).as_posix()
        imported = set(_imported(tree))
        assert not {one.partition(".")[0] for one in imported} & UNSAFE_MODULES, name
        assert not set(_unsafe(tree)), name
        if imported & OUT:
            reaching[name] = imported & OUT
    assert reaching == REACHES_OUT


def test_the_rule_notices_what_it_forbids() -> None:
    bad = "import numpy as np\nfrom pickle import load\neval('1')\nnp.load(f, allow_pickle=True)\n"
    tree = ast.parse(bad)
    assert "pickle" in set(_imported(tree))
    assert set(_unsafe(tree)) == {"eval", "allow_pickle"}


def test_no_template_writes_words_as_they_are() -> None:
    """But for one: the text of a story, after `kb.markup.to_html` has cleaned it."""
    pages = (ROOT / "web" / "templates").rglob("*.html")
    raw = [one.name for one in pages if re.search(r"\|\s*safe\b", one.read_text(encoding="utf-8"))]
    assert raw == ["_signs.html"]


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _unsafe(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name, said = ast.unparse(node.func), ast.unparse(node)
            if name in UNSAFE_CALLS and not (name == "yaml.load" and "SafeLoader" in said):
                yield name
            yield from (
                one.arg
                for one in node.keywords
                if one.arg in UNSAFE_ARGUMENTS and ast.unparse(one.value) != "False"
            )
