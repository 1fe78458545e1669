"""What a form sent: read in full, within bounds, and asked for by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar
from urllib.parse import parse_qs, parse_qsl

from fastapi import Depends, Request

from kb.errors import InvalidError
from kb.wording import marked

MOST_BYTES = 64_000
MOST_FIELDS = 1_000
MOST_BYTES_TOLD = 250_000
MOST_SHOWN = 1_000_000  # bytes of a form that is too long, which are shown again
LONG_WORD = 30  # characters: what is longer and has no space was not chosen from a list
# Secrets, and what travels in the form of the sign-in page.
NOT_SHOWN = frozenset({"password", "old", "new", "code", "typed", "to"})
LARGEST = 2**31 - 1  # of a number: as large as one of PostgreSQL

E = TypeVar("E", bound=StrEnum)


class TooLongError(InvalidError):
    """More was written than a form takes."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, each with what was filled in."""

    fields: Mapping[str, list[str]]

    def text(self, name: str) -> str:
        """Return what stands in a field; empty where it was left out."""
        return self.fields.get(name, [""])[-1].strip()

    def as_typed(self, name: str) -> str:
        """Return what stands in a field letter by letter, as a password is meant."""
        return self.fields.get(name, [""])[-1]

    def number(self, name: str) -> int:
        """Return the whole number in a field.

        Raises:
            InvalidError: there is none.
        """
        said = self.text(name)
        if not (said.isascii() and said.isdigit() and len(said) <= len(str(LARGEST))):
            raise InvalidError(
                marked("“%(field)s” has to be a number.", field=name),
                hint=marked("Load the page, send again."),
            )
        return min(int(said), LARGEST)

    def choice(self, name: str, among: type[E]) -> E:
        """Return the value of a closed set that a field names.

        Raises:
            InvalidError: it names none.
        """
        try:
            return among(self.text(name))
        except ValueError as error:
            raise InvalidError(
                marked(
                    "“%(field)s” has to be one of: %(values)s.", field=name, values=", ".join(among)
                ),
                hint=marked("Load the page, send again."),
            ) from error


async def _form(request: Request) -> Form:
    return form_of(await body_of(request, MOST_BYTES))


async def body_of(request: Request, most: int) -> bytes:
    """Return what was sent, up to `most` bytes; the application never sees more.

    What was read is kept with the request: whatever goes wrong from here on, it is shown again.

    Raises:
        TooLongError: it is longer.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_SHOWN:
            break
    request.state.typed = bytes(body[:MOST_SHOWN])
    if len(body) > most:
        raise TooLongError(
            marked("The form is too long."), hint=marked("Write less, and send it again.")
        )
    return bytes(body)


def typed_in(request: Request) -> list[str]:
    """Return the words that somebody wrote into the form of a request, and no secret of theirs.

    Numbers, choices and single words are quickly given again; what was cut is shown up to the cut.
    """
    body: bytes = getattr(request.state, "typed", b"")
    fields = parse_qsl(body.decode(errors="replace"), errors="replace")
    return [
        said
        for name, value in fields[:MOST_FIELDS]
        if name not in NOT_SHOWN and (" " in (said := value.strip()) or len(said) > LONG_WORD)
    ]


def form_of(body: bytes) -> Form:
    """Return the fields of a form as browsers send it.

    Raises:
        InvalidError: it is none, or has too many fields.
    """
    try:
        fields = parse_qs(
            body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
        return Form(fields)
    except ValueError as error:  # not UTF-8, or too many fields
        raise InvalidError(
            marked("The form cannot be read."), hint=marked("Load the page, send again.")
        ) from error


FormDep = Annotated[Form, Depends(_form)]


async def _long_form(request: Request) -> Form:
    return form_of(await body_of(request, MOST_BYTES_TOLD))


# Of a story: a long answer with each letter escaped, or years of weeks.
LongFormDep = Annotated[Form, Depends(_long_form)]


async def _form_around_a_form(request: Request) -> Form:
    return form_of(await body_of(request, 2 * MOST_BYTES_TOLD))


# Of the sign-in page: the form that waits for it travels in a field, its signs escaped once more.
FormAroundAFormDep = Annotated[Form, Depends(_form_around_a_form)]
