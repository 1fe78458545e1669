"""Say whether the process is there, and whether it can answer."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from web import readiness
from web.library import Library
from web.rules import OPEN

router = APIRouter(include_in_schema=False, dependencies=[OPEN])

Whom = Annotated[
    Literal["everything", "reading"],
    Query(alias="for", description="reading: 503 only where nobody can read."),
]
UNKEPT = {"Cache-Control": "no-store"}


@router.get("/healthz")
def healthz() -> dict[str, bool]:
    """Say that the process answers."""
    return {"ok": True}


@router.get("/readyz")
def readyz(request: Request, whom: Whom = "everything") -> JSONResponse:
    """Say of each thing the library needs whether it is there, and what to do if not."""
    library: Library = request.app.state.library  # as it is, even where nothing can be read
    found = readiness.look(library)
    ready = found.reads if whom == "reading" else found.ok
    return JSONResponse(found.told(), 200 if ready else 503, UNKEPT)
