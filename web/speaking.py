"""What the API is asked in and answers in: 406 and 415, said before anything is done."""

from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Query, Request, Response

from kb.errors import InvalidError
from web.metadata.negotiation import best
from web.security import SAFE

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
CSV: Final = "text/csv"
# What a route documents that answers with a table, too.
ALSO_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}}}
}


class NotOfferedError(InvalidError):
    """Nothing that the program can read is offered here."""


class NotReadError(InvalidError):
    """What the program sends is of a kind that is not read here."""


def speaks(request: Request) -> None:
    """Refuse who wants another form than the route offers, or sends one that it does not read.

    Raises:
        NotOfferedError: nothing is offered that the header Accept allows.
        NotReadError: a body came in another media type than the route takes.
    """
    route = request.scope["route"]
    offered = (JSON, PROBLEM, *_documented(route.responses.get(200, {})))
    if best(request.headers.get("accept", ""), offered) is None:
        raise NotOfferedError(
            f"This is not offered as “{request.headers['accept'][:100]}”.",
            hint=f"Ask for one of: {', '.join(offered)}.",
        )
    if request.method in SAFE:
        return
    extra = (route.openapi_extra or {}).get("requestBody", {})
    read = _documented(extra) or ((JSON,) if route.body_field is not None else ())
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if read and sent not in read:
        raise NotReadError(
            f"“{sent[:100]}” is not read here." if sent else "There is no Content-Type.",
            hint=f"Send one of: {', '.join(read)}.",
        )


def _documented(said: dict[str, Any]) -> tuple[str, ...]:
    return tuple(said.get("content", ()))


SPEAKS: Final[Any] = Depends(speaks)


def _wants_csv(
    request: Request,
    response: Response,
    form: Annotated[
        Literal["json", "csv"],
        Query(alias="format", description="`csv` for a table, as `Accept: text/csv` does."),
    ] = "json",
) -> bool:
    response.headers["Vary"] = "Accept"  # whichever it is
    return form == "csv" or best(request.headers.get("accept", ""), (JSON, CSV)) == CSV


CsvDep = Annotated[bool, Depends(_wants_csv)]
