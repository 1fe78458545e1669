"""What a harvester asks, understood or refused with the protocol's own words."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


class OaiError(Exception):
    """A request that the protocol has a word for: `code` is that word."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Verb:
    """Which arguments a verb needs, which it may have."""

    needs: frozenset[str] = frozenset()
    may_have: frozenset[str] = frozenset()
    resumes: bool = False  # a resumptionToken may stand alone


SELECTIVE = frozenset({"from", "until", "set"})
PREFIX = frozenset({"metadataPrefix"})
VERBS: Final[Mapping[str, Verb]] = {
    "Identify": Verb(),
    "ListMetadataFormats": Verb(may_have=frozenset({"identifier"})),
    "ListSets": Verb(resumes=True),
    "ListIdentifiers": Verb(PREFIX, SELECTIVE, resumes=True),
    "ListRecords": Verb(PREFIX, SELECTIVE, resumes=True),
    "GetRecord": Verb(PREFIX | {"identifier"}),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A verb and its arguments, as they came."""

    verb: str
    arguments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Window:
    """The moments between which a record changed; None where nothing was said."""

    start: datetime | None = None  # inclusive
    end: datetime | None = None  # exclusive


def asked(pairs: Sequence[tuple[str, str]]) -> Asked:
    """Return what is asked.

    Raises:
        OaiError: badVerb or badArgument.
    """
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise OaiError("badVerb", f"Say one verb among: {', '.join(VERBS)}.")
    (verb,) = verbs
    others = [(name, value) for name, value in pairs if name != "verb"]
    twice = [name for name, count in Counter(name for name, _ in others).items() if count > 1]
    if twice:
        raise OaiError("badArgument", f"Said more than once: {', '.join(twice)}.")
    arguments = dict(others)
    _refuse_wrong(verb, frozenset(arguments))
    return Asked(verb, arguments)


def window(arguments: Mapping[str, str]) -> Window:
    """Return the window of a selective harvest; both of its ends are inclusive when they come.

    Raises:
        OaiError: badArgument.
    """
    start, until = arguments.get("from"), arguments.get("until")
    if start and until and len(start) != len(until):
        raise OaiError("badArgument", "Give from and until in the same granularity.")
    begin = _moment("from", start) if start else None
    end = _moment("until", until) if until else None
    if begin and end and begin > end:
        raise OaiError("badArgument", "from is later than until.")
    if end is None or until is None:
        return Window(begin)
    step = timedelta(days=1) if DAY.fullmatch(until) else timedelta(seconds=1)
    return Window(begin, min(end, datetime.max.replace(tzinfo=UTC) - step) + step)


def _refuse_wrong(verb: str, said: frozenset[str]) -> None:
    known = VERBS[verb]
    if known.resumes and "resumptionToken" in said:
        if len(said) > 1:
            raise OaiError("badArgument", "A resumptionToken stands alone beside its verb.")
        return
    if illegal := said - known.needs - known.may_have:
        raise OaiError("badArgument", f"{verb} has no: {', '.join(sorted(illegal))}.")
    if missing := known.needs - said:
        raise OaiError("badArgument", f"{verb} needs: {', '.join(sorted(missing))}.")


def _moment(name: str, said: str) -> datetime:
    if not (DAY.fullmatch(said) or SECOND.fullmatch(said)):
        raise OaiError(
            "badArgument", f"{name} is a day, 2026-11-28, or a second, 2026-11-28T09:00:00Z."
        )
    try:
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    except ValueError as error:
        raise OaiError("badArgument", f"{name}: there is no such day or time.") from error
