"""The library as a ZIM file: checked, served and searched by the programs of Kiwix."""

import shutil
import socket
import subprocess
import sys
from datetime import date
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest
from PIL import Image
from typer.testing import CliRunner

from kb.errors import NotReadyError
from tests.web.browsing import DESK, PHONE, needs_chromium, widest
from tests.web.sample import BREASTFEEDING
from web.binding import paper
from web.cli import app
from web.filling import quietly
from web.publish import zim
from web.publish.site import Wanted

TODAY = date(2026, 11, 28)
START_S = 20


def needs(program: str, package: str) -> str:
    """Return the program, or skip and say how to get it."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"There is no {program}: apt-get install {package} (Debian).")
    return found


@pytest.fixture(scope="module")
def packed(sample, tmp_path_factory) -> Path:
    """The sample library as a ZIM file, in two languages."""
    pytest.importorskip("libzim", reason="There is no libzim: pip install maktaba[zim].")
    folder = tmp_path_factory.mktemp("zim")
    out = folder / "library.zim"
    wanted = Wanted(languages=("en", "ar"), packages=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(paper, "START", "raise SystemExit(3)")  # no PDFs: they take their time
        paper.pdf.cache_clear()
        zim.publish_zim(sample, out, folder / "pages", wanted=wanted, today=TODAY, step=quietly)
    return out


@pytest.fixture(scope="module")
def kiwix(packed):
    """The address of the file, as kiwix-serve offers it."""
    program = needs("kiwix-serve", "kiwix-tools")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--address", "127.0.0.1", str(packed)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as serving:
        until = monotonic() + START_S
        while monotonic() < until:
            try:
                httpx.get(f"http://127.0.0.1:{port}/")
                break
            except httpx.TransportError:
                sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        serving.terminate()


def test_the_file_says_what_it_is(packed) -> None:
    from libzim.reader import Archive

    archive = Archive(packed)
    said = {name: archive.get_metadata(name) for name in archive.metadata_keys}
    assert said["Language"] == b"eng,ara"
    assert said["Date"] == b"2026-11-28"
    assert said["Name"] == b"test-shelf_mul_all"
    assert {"Title", "Description", "Creator", "Publisher", "Flavour", "Tags"} <= said.keys()
    assert len(said["Title"].decode()) <= 30
    assert len(said["Description"].decode()) <= 80
    sign = Image.open(BytesIO(bytes(archive.get_illustration_item(48).content)))
    assert (sign.format, sign.size) == ("PNG", (48, 48))
    assert archive.main_entry.get_item().path == "index.html"
    assert archive.has_fulltext_index
    assert archive.has_title_index


def test_what_one_types_is_suggested_and_found(packed) -> None:
    from libzim.reader import Archive
    from libzim.search import Query, Searcher
    from libzim.suggestion import SuggestionSearcher

    archive = Archive(packed)

    def found(words: str) -> list[str]:
        return list(Searcher(archive).search(Query().set_query(words)).getResults(0, 20))

    # In another language than its page: it leads to the page.
    suggested = SuggestionSearcher(archive).suggest("mise au sein précoce").getResults(0, 5)
    entry = archive.get_entry_by_path(next(iter(suggested)))
    assert entry.is_redirect
    assert entry.get_redirect_entry().path == f"topics/{BREASTFEEDING}.html"
    assert "records/4.html" in found("الميزان")
    assert found("pesée") == found("pesee") == ["records/3.html"]
    assert found("poster")[0] == "records/2.html"
    # A story comes before the lists that tell of it.
    assert found("balance")[0].startswith("records/")
    # What stands around each page is no word of it, and what was taken back is not found.
    assert len(found("licence")) < 10
    assert "records/5.html" not in [one for words in ("asked", "team") for one in found(words)]
    assert not archive.has_entry_by_path("copy.json")
    # A package is there to be taken, and not found beside the stories that it tells.
    kept = archive.get_entry_by_path("packages/package-3.epub").get_item()
    assert kept.mimetype == "application/epub+zip"
    assert archive.has_entry_by_path("packages/package-3.html")
    assert not [one for one in found("scale") if one.startswith(("packages/", "stories"))]


def test_zimcheck_finds_nothing(packed) -> None:
    program = needs("zimcheck", "zim-tools")
    done = subprocess.run([program, "--all", str(packed)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "[ERROR]" not in done.stdout + done.stderr
    assert "[WARNING]" not in done.stdout + done.stderr


def test_kiwix_serves_it_and_searches_it(kiwix) -> None:
    asked = {"content": "library", "pattern": "skin scale"}
    answer = httpx.get(f"{kiwix}/search", params=asked)
    assert "Skin to skin before the scale" in answer.text
    front = httpx.get(f"{kiwix}/library/index.html")
    assert front.status_code == 200
    assert httpx.get(f"{kiwix}/library/ar/index.html").status_code == 200


@needs_chromium
def test_the_file_is_read_and_searched_in_a_browser(kiwix, chromium) -> None:
    for name, size in (("index.html", DESK), ("ar/index.html", PHONE)):
        context = chromium.new_context(viewport=size)
        page = context.new_page()
        strange: list[str] = []
        page.on("request", lambda r, to=strange: r.url.startswith(kiwix) or to.append(r.url))
        page.on("pageerror", lambda error, to=strange: to.append(str(error)))
        page.goto(f"{kiwix}/library/{name}")
        page.fill("#q", "balance")  # our own box, which knows topics and languages
        page.press("#q", "Enter")
        page.wait_for_selector("html[data-searched]")
        page.click(".hits h2 a >> nth=0")
        page.wait_for_url("**/records/*")
        assert page.locator("h1").count() == 1
        page.goto(f"{kiwix}/library/{name}")
        assert widest(page) <= size["width"]
        page.click(".tongues summary")
        other = "ar" if name == "index.html" else "en"
        page.click(f".tongues a[hreflang={other}]")
        page.wait_for_selector(f"html[lang={other}]")
        page.wait_for_load_state()
        head, bar = page.locator("header.top"), page.locator("#kiwixtoolbar")
        if bar.count():  # of older ones, which put it into each page
            above, below = bar.bounding_box(), head.bounding_box()
            assert above["y"] + above["height"] <= below["y"] + 8
        assert strange == []
        context.close()


def test_no_program_that_is_not_there_is_missed(sample, tmp_path, monkeypatch) -> None:
    assert (
        "libzim"
        not in subprocess.run(
            [sys.executable, "-c", "import web.publish.zim, sys; print(*sys.modules)"],
            capture_output=True,
            text=True,
        ).stdout.split()
    )
    monkeypatch.setattr(zim, "find_spec", lambda name: None)
    with pytest.raises(NotReadyError, match="libzim"):
        zim.publish_zim(
            sample, tmp_path / "a.zim", tmp_path / "a", wanted=Wanted(), today=TODAY, step=quietly
        )
    assert "ZIM" in CliRunner().invoke(app, ["publish", "zim", "--help"]).output
    assert list(tmp_path.iterdir()) == []
