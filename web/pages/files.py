"""A file that is made for a reader: kept and asked for again, because stories are taken back."""

from hashlib import sha256

from fastapi import Request, Response

from web.caching import is_known


def as_file(request: Request, content: bytes, media_type: str, name: str) -> Response:
    """Send a file under this name; 304 to who has it. It is in the language of the reader."""
    etag = f'"{sha256(content).hexdigest()[:20]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Language, Cookie",
    }
    if is_known(etag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(content, media_type=media_type, headers=headers)
