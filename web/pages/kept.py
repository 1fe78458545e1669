"""What a reader keeps on the own device: the list of it, and the worker that keeps it.

The library knows nothing of what is kept: it lies in the reader's browser.
"""

from typing import Final

from fastapi import APIRouter, Request, Response

from web.assets import FOLDER
from web.render import page
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])

WORKER: Final = (FOLDER / "sw.js").read_bytes()
FOR_AN_HOUR = "private, max-age=3600"  # a mended worker reaches everybody within it


@router.get("/kept")
def kept_page(request: Request) -> Response:
    """Show what is kept on this device, and let it be removed; the browser fills the list."""
    return page(request, "kept.html")


@router.get("/sw.js")
def worker() -> Response:
    """Send the service worker from where it may look after every page."""
    headers = {"Cache-Control": FOR_AN_HOUR}
    return Response(WORKER, media_type="text/javascript", headers=headers)
