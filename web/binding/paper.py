"""HTML on paper: a tagged PDF, made in a process of its own under limits, one at a time.

What a page is made of is its whole key: the same page is the same PDF and is made once, another
page is another one. So a story that was taken back, or told anew, is in no PDF any more.
"""

import logging
import os
import re
import signal
import subprocess
import sys
from base64 import b64encode
from functools import lru_cache
from html import unescape
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Final

import pypdfium2
from markupsafe import Markup, escape

from kb.errors import NotReadyError
from kb.wording import marked
from web.binding.press import MISSING
from web.metadata.xml import clean

ROOT: Final = str(Path(__file__).parents[2])
# -I shuts out the caller's folder and PYTHONPATH; the code comes from where ours does.
START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); from web.binding.press import serve; serve()"
)
# Where Pango and fonts are looked up; nothing else of ours is the press's business.
PASSED_ON: Final = (
    "PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH",
    "XDG_CACHE_HOME", "XDG_DATA_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH",
)  # fmt: skip
KEPT = 24  # PDFs in memory
PATIENCE_S = 150.0  # for a PDF to be made
QUEUE_S = 60.0  # for the one before it
MOST_WAITING = 3  # for the one before it: each holds a thread that readers' pages need
SVG: Final = re.compile(r"<svg\b(?P<about>[^>]*)>(?P<inside>.*?)</svg>", re.DOTALL)
BOX: Final = re.compile(r'viewBox="0 0 (?P<width>[\d.]+) (?P<height>[\d.]+)"')
# Where in a traceback, and the kind of error; what follows may be the words of a story.
BROKE: Final = re.compile(
    r'^  (?P<place>File "[^"\n]+", line \d+, in \S+)\n(?: {4}.*\n)*(?P<kind>[\w.]+)', re.MULTILINE
)
SAID: Final = re.compile(r"<(title|desc)>(?P<text>.*?)</\1>", re.DOTALL)
# The stylesheet of one-page stories and packs.
SHEETS: Final = (Path(__file__).parents[1] / "static" / "print.css").read_text("utf-8")
CHART: Final = Path(__file__).with_name("chart.css").read_text("utf-8")
QR_MM, SIGN_EM = 25, 0.8  # how high they are printed
FINE = 2.5  # pixels of a picture for one of its drawing

log = logging.getLogger(__name__)

_press = Lock()
queue = BoundedSemaphore(1 + MOST_WAITING)


class BusyError(NotReadyError):
    """Others wait for the press: in a minute it may be free."""


@lru_cache(maxsize=KEPT)
def pdf(html: str, style: str) -> bytes:
    """Return the page as a tagged PDF: PDF/UA-1 with title, language and bookmarks.

    `style` is its stylesheet: of those that it links to, none is fetched.

    Raises:
        NotReadyError: the library cannot make PDFs, or this one not now.
    """
    styled = clean(html).replace("</head>", f"<style>{style}</style></head>", 1)
    return _pressed(SVG.sub(_image, styled))


def try_out() -> None:
    """Make a PDF of next to nothing.

    Raises:
        NotReadyError: the library cannot make PDFs, or not now.
    """
    pdf('<html lang="en"><head><title>-</title></head><body>-</body></html>', "")


def pngs(drawings: tuple[str, ...]) -> list[bytes]:
    """Return each `<svg>` as a picture; none at all where the library cannot draw them.

    Raises:
        BusyError: it can, but not now.
    """
    try:
        return list(_drawn(drawings)) if drawings else []
    except BusyError:
        raise
    except NotReadyError:
        return []


@lru_cache(maxsize=KEPT)
def _drawn(drawings: tuple[str, ...]) -> tuple[bytes, ...]:
    """Return each `<svg>` as a PNG; kept, but not that they could not be drawn this time."""
    pages = "".join(
        f"<style>@page p{n} {{ size: {width}px {height}px; margin: 0 }}</style>"
        f'<div style="page: p{n}; break-before: page">{_image(found)}</div>'
        for n, (found, width, height) in enumerate(map(_measured, drawings))
    )
    made = _pressed(
        f'<html lang="en"><title>-</title><style>img {{ display: block; width: 100% }}'
        f"body {{ margin: 0 }}</style><body>{pages}"
    )
    with pypdfium2.PdfDocument(made) as document:
        return tuple(_png(page) for page in document)


def said_of(drawing: str) -> str:
    """Return title and description of an `<svg>`, as plain text.

    >>> said_of("<svg><title>Fed</title><desc>Points: 3.</desc><path/></svg>")
    'Fed. Points: 3.'
    """
    texts = [unescape(one["text"]).strip().rstrip(".") for one in SAID.finditer(drawing)]
    return ". ".join(texts) + "." * bool(texts)


def _png(page: pypdfium2.PdfPage) -> bytes:
    written = BytesIO()
    # 96 pixels of CSS are 72 points of the page.
    page.render(scale=FINE * 96 / 72).to_pil().convert("L").save(written, "PNG", optimize=True)
    return written.getvalue()


def _measured(drawing: str) -> tuple[re.Match[str], str, str]:
    found, box = SVG.search(drawing), BOX.search(drawing)
    assert found
    assert box
    return found, box["width"], box["height"]


def _image(found: re.Match[str]) -> str:
    """Return a drawing as the press wants it: said in words, or else only decoration.

    In a drawing that stands in the page itself, no stylesheet of the page holds.
    """
    whole = found[0]
    if "xmlns=" not in found["about"]:
        whole = whole.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    styled = whole.replace(found["inside"], f"<style>{CHART}</style>{found['inside']}", 1)
    source = f"data:image/svg+xml;base64,{b64encode(styled.encode()).decode()}"
    kind = re.search(r'class="([\w -]+)"', found["about"])
    classes = kind[1] if kind else "drawn"
    if 'aria-hidden="true"' in found["about"]:
        box = BOX.search(whole)
        wide = float(box["width"]) / float(box["height"]) if box else 1
        high, unit = (QR_MM, "mm") if classes == "qr" else (SIGN_EM, "em")
        return Markup(
            '<span class="{0}" style="display: inline-block; background: url({1}) center / contain '
            'no-repeat; height: {2}{4}; width: {3:.2f}{4}"></span>'
        ).format(classes, source, high, wide * high, unit)
    return Markup('<img class="{}" alt="{}" src="{}">').format(
        classes, escape(said_of(whole)), source
    )


def _pressed(html: str) -> bytes:
    if not queue.acquire(blocking=False):
        raise _busy()
    try:
        return _in_turn(html)
    finally:
        queue.release()


def _in_turn(html: str) -> bytes:
    if not _press.acquire(timeout=QUEUE_S):
        raise _busy()
    try:
        done = subprocess.run(  # noqa: S603  our own code in our own Python
            [sys.executable, "-I", "-c", START, ROOT],
            input=html.encode(),
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
        )
    except subprocess.TimeoutExpired as error:
        log.warning("a PDF was not made in %.0f s", PATIENCE_S)
        raise _too_large() from error
    finally:
        _press.release()
    if done.returncode == MISSING:
        raise NotReadyError(
            marked("This library makes no PDFs: WeasyPrint or Pango is not installed."),
            hint=marked("Whoever runs it can install maktaba[paper] and Pango. Or print the page."),
        )
    if done.returncode or not done.stdout:
        log.warning("a PDF was not made: %s", _end_of(done))
        raise _too_large()
    return done.stdout


def _end_of(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return how the press ended, without a word of the page: status, kind of error, place.

    >>> _end_of(subprocess.CompletedProcess([], -9, b"", b""))
    'SIGKILL'
    """
    names = {int(one): one.name for one in signal.Signals}
    ended = names.get(-done.returncode, f"status {done.returncode}")
    broke = list(BROKE.finditer(done.stderr.decode(errors="replace")))
    return ", ".join([ended, *(f"{one['kind']}, {one['place']}" for one in broke[-1:])])


def _busy() -> BusyError:
    return BusyError(
        marked("Other PDFs are being made just now."), hint=marked("Try again in a minute.")
    )


def _too_large() -> NotReadyError:
    return NotReadyError(
        marked("This PDF could not be made: it takes too long, or too much memory."),
        hint=marked("Take it in another form, or print the page."),
    )
