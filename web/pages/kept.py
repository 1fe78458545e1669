"""What a reader keeps on the own device: the list of it, and the worker that keeps it.

The library knows nothing of what is kept: it lies in the reader's browser. So it says to all what
it took back, and each copy drops that: the worker here, a bundle on a stick, another library.
"""

from typing import Final

from fastapi import APIRouter, Request, Response

from kb import withdrawals
from web.assets import FOLDER
from web.deps import ReadingDep
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


@router.get("/purge.json")
def purge_list(session: ReadingDep) -> dict[str, list[dict[str, int | str]]]:
    """List the records that readers once had and have no more: number and moment, nothing else."""
    gone = withdrawals.gone(session)
    return {"removed": [{"id": one.record_id, "since": one.since.isoformat()} for one in gone]}
