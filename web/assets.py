"""The stylesheet, htmx and the logo: addressed by their content, so that a browser keeps them."""

from functools import cache
from hashlib import sha256
from os import PathLike, stat_result
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
FOR_A_YEAR = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600"


@cache
def asset(name: str) -> str:
    """Return the address of a static file; it changes when the file does."""
    digest = sha256((FOLDER / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


class Assets(StaticFiles):
    """Static files that say how long they may be kept."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return the file, to be kept for ever when its address names its content."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        by_content = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = FOR_A_YEAR if by_content else FOR_AN_HOUR
        return response
