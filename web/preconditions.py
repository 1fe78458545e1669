"""Who changes a thing says which version of it: 428 without, 412 with another than the newest.

Source: RFC 9110, 13.1.1 (If-Match, strong comparison); RFC 6585, 3 (428).
"""

from fastapi import Request, Response

from kb.errors import ConflictError, InvalidError


class UnconditionalError(InvalidError):
    """A change did not say which version it is of."""


class StaleError(ConflictError):
    """A change was made to another version than the newest."""


def tagged(response: Response, version: int) -> None:
    """Say which version an answer shows."""
    response.headers["ETag"] = etag(version)


def etag(version: int) -> str:
    """Return the validator of a version.

    >>> etag(7)
    '"v7"'
    """
    return f'"v{version}"'


def require_match(request: Request, version: int) -> None:
    """Refuse a change that was not made to this version; “*” says that any will do.

    Raises:
        UnconditionalError: the header If-Match is missing.
        StaleError: it names other versions.
    """
    said = request.headers.get("if-match", "").strip()
    if not said:
        raise UnconditionalError(
            "A change has to say which version it is of.",
            hint="Ask for the thing first, and send its ETag as If-Match.",
        )
    if said != "*" and etag(version) not in {one.strip() for one in said.split(",")}:
        raise StaleError(
            f"It is not {said[:80]} any more: the newest is {etag(version)}.",
            hint="Ask for it again, make your change to that, and send it with the new ETag.",
        )
