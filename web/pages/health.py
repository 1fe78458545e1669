"""Say whether the process is there, and whether it can answer."""

from collections.abc import Callable
from shutil import disk_usage

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from kb.errors import KBError
from web.library import Library
from web.rules import OPEN

router = APIRouter(include_in_schema=False, dependencies=[OPEN])

FREE_MB = 100  # less, and the next file or index may not be written


@router.get("/healthz")
def healthz() -> dict[str, bool]:
    """Say that the process answers."""
    return {"ok": True}


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """Say of each thing the library needs whether it is there, and why not."""
    library: Library = request.app.state.library  # as it is, even where nothing can be read
    checks = {name: _checked(check, library) for name, check in CHECKS.items()}
    ready = all(check["ok"] for check in checks.values())
    return JSONResponse({"ok": ready, "checks": checks}, 200 if ready else 503)


def _checked(check: Callable[[Library], str], library: Library) -> dict[str, bool | str]:
    try:
        return {"ok": True, "why": check(library)}
    except (KBError, SQLAlchemyError, OSError) as error:
        return {"ok": False, "why": str(error)}


def _database(library: Library) -> str:
    with library.reading() as session:
        session.execute(text("select 1"))
    return library.engine.dialect.name


def _index(library: Library) -> str:
    with library.reading() as session:
        library.index(session)
    return "up to date"


def _model(library: Library) -> str:
    if library.encoder is None:
        return "searching by words only"
    library.encoder.encode_query("ready")
    return library.settings.encoder


def _disk(library: Library) -> str:
    free_mb = disk_usage(library.settings.data).free // 2**20
    if free_mb < FREE_MB:
        raise OSError(f"{free_mb} MB free, {FREE_MB} MB are needed")
    return f"{free_mb} MB free"


CHECKS = {"database": _database, "index": _index, "model": _model, "disk": _disk}
