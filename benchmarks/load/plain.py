"""The plain framework: a route in FastAPI that answers at once, with as many bytes as ours.

python -m benchmarks.load.plain PORT SEARCH_BYTES PAGE_BYTES
"""

import sys

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse


def app(search_bytes: int, page_bytes: int) -> FastAPI:
    """Return it; `/search` answers with `search_bytes`, every other path with `page_bytes`."""
    plain = FastAPI()
    search, page = "s" * search_bytes, "p" * page_bytes

    @plain.get("/search", response_class=HTMLResponse)
    def found(q: str = "") -> str:
        return search[len(q) :]

    @plain.get("/{path:path}", response_class=HTMLResponse)
    def shown(path: str) -> str:
        return page[len(path) :]

    return plain


if __name__ == "__main__":
    uvicorn.run(app(int(sys.argv[2]), int(sys.argv[3])), port=int(sys.argv[1]), log_level="warning")
