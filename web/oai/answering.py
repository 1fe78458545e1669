"""A harvester's question, answered from the library."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from kb import collections
from kb.countries import alpha2
from kb.taxonomy import FALLBACK
from kb.vocabulary import RecordType, Scheme
from web.catalogue import public_records
from web.library import Library
from web.metadata.described import Described, described
from web.names import Names
from web.oai import harvest, tokens
from web.oai.answers import PREFIXES, Answer, Repository
from web.oai.arguments import Asked, OaiError, Window, asked, window
from web.oai.harvest import Header
from web.oai.tokens import Position

PER_PAGE = 100
NO_ARGUMENTS: Final = ("badVerb", "badArgument")
SCHEME_SETS = {scheme: name for name, scheme in harvest.SCHEMES.items()}
Pairs = list[tuple[str, str]]


class Harvest:
    """One request, answered from one library."""

    def __init__(self, session: Session, library: Library, home: str) -> None:
        self.session = session
        self.library = library
        self.names = Names(library.taxonomy, FALLBACK)
        self.home = home
        self.repository = repository(library, home)

    def answer(self, pairs: Pairs) -> bytes:
        """Return the answer, which says what is wrong where something is."""
        verb, request = "", {}
        try:
            question = asked(pairs)
            verb, request = question.verb, {"verb": question.verb, **question.arguments}
            answer = Answer(self.repository, verb, request)
            self._fill(answer, question)
        except OaiError as error:
            request = {} if error.code in NO_ARGUMENTS else request
            answer = Answer(self.repository, verb, request)
            answer.refuse(error.code, str(error))
        return answer.bytes

    def _fill(self, answer: Answer, question: Asked) -> None:
        said = question.arguments
        match question.verb:
            case "Identify":
                answer.identify(harvest.earliest(self.session) or datetime.now(UTC))
            case "ListMetadataFormats":
                if "identifier" in said:
                    self._find(said["identifier"])
                answer.formats()
            case "ListSets":
                if "resumptionToken" in said:
                    raise OaiError("badResumptionToken", "All sets are listed at once.")
                answer.sets(self._sets())
            case "GetRecord":
                prefix = _known(said["metadataPrefix"])
                header = self._find(said["identifier"])
                answer.records(self._with_sets([header]), self._described([header]), prefix)
            case _:
                self._list(answer, question)

    def _list(self, answer: Answer, question: Asked) -> None:
        begun, within = self._begun(question)
        after = (datetime.fromisoformat(begun.after), begun.after_id) if begun.after else None
        found = harvest.headers(self.session, within, begun.chosen, after=after, limit=PER_PAGE + 1)
        if not found and not begun.sent:
            raise OaiError(
                "noRecordsMatch", "No record fits. Ask for a longer time or another set."
            )
        page = found[:PER_PAGE]
        listed = self._with_sets(page)
        if question.verb == "ListIdentifiers":
            answer.headers(listed)
        else:
            answer.records(listed, self._described(page), begun.prefix)
        if len(found) > PER_PAGE:
            token = tokens.written(_gone_on(begun, page))
            answer.resume(token, total=begun.total, sent=begun.sent)
        elif begun.sent:
            answer.resume("", total=begun.total, sent=begun.sent)

    def _begun(self, question: Asked) -> tuple[Position, Window]:
        """Return where the list begins or goes on, and the time it covers."""
        said = question.arguments
        if "resumptionToken" in said:
            position = tokens.read(said["resumptionToken"])
            if position.verb != question.verb or position.prefix not in PREFIXES:
                raise OaiError("badResumptionToken", "This token belongs to another verb.")
            ends = [
                datetime.fromisoformat(one) if one else None
                for one in (position.start, position.end)
            ]
            return position, Window(*ends)
        prefix, within = _known(said["metadataPrefix"]), window(said)
        chosen = said.get("set", "")
        total = harvest.count(self.session, within, chosen)
        start, end = (one.isoformat() if one else "" for one in (within.start, within.end))
        return Position(question.verb, prefix, chosen, start, end, "", 0, 0, total), within

    def _find(self, identifier: str) -> Header:
        number = self.repository.number(identifier)
        found = harvest.one(self.session, number) if number else None
        if found is None:
            raise OaiError("idDoesNotExist", "There is no such record.")
        return found

    def _described(self, listed: Sequence[Header]) -> dict[int, Described]:
        shown = public_records(self.session, [one.record_id for one in listed if not one.deleted])
        return {
            number: described(record, self.library, self.names, self.home)
            for number, record in shown.items()
        }

    def _with_sets(self, listed: Sequence[Header]) -> list[tuple[Header, list[str]]]:
        """Return each header with its sets; what was taken back says none."""
        said = harvest.sets_of(self.session, [one.record_id for one in listed if not one.deleted])
        for one in collections.published(self.session):
            for number in one.content.record_ids:
                if number in said:
                    said[number].append(f"{harvest.COLLECTION}:{one.collection_id}")
        return [(one, said.get(one.record_id, [])) for one in listed]

    def _sets(self) -> list[tuple[str, str]]:
        """Return every set that may hold something; the first of each kind holds all of it."""
        label = self.names
        used = harvest.used_concepts(self.session)
        codes = harvest.used_countries(self.session)
        countries = ((_alpha2(code), str(label.country(code))) for code in codes)
        return [
            ("type", "Every kind of record"),
            *((f"type:{kind}", str(label.facet("record_type", kind))) for kind in RecordType),
            ("country", "Records that name their country"),
            *((f"country:{code}", name) for code, name in countries if code),
            *self._concept_sets(used),
            ("collection", "Records of all collections"),
            *(
                (f"collection:{one.collection_id}", one.content.title)
                for one in collections.published(self.session)
            ),
        ]

    def _concept_sets(self, used: Sequence[tuple[Scheme, str]]) -> list[tuple[str, str]]:
        found = []
        for scheme, name in SCHEME_SETS.items():
            found.append((name, f"Records with {scheme}"))
            notations = sorted(notation for of, notation in used if of is scheme)
            found += [(f"{name}:{one}", str(self.names.concept(one))) for one in notations]
        return found


def repository(library: Library, home: str) -> Repository:
    """Return the library as harvesters of the address `home` know it."""
    host = urlsplit(home).hostname or "localhost"
    contact = library.site.contact
    domain = host if "." in host else "localhost.localdomain"
    # The protocol wants an address: where the library names none, the one that RFC 5321 reserves.
    admin = contact if "@" in contact else f"postmaster@{domain}"
    return Repository(library.site.name, f"{home.rstrip('/')}/oai", host, admin)


def _known(prefix: str) -> str:
    if prefix not in PREFIXES:
        raise OaiError("cannotDisseminateFormat", f"Records are offered as: {', '.join(PREFIXES)}.")
    return prefix


def _gone_on(begun: Position, page: Sequence[Header]) -> Position:
    last = page[-1]
    return Position(
        begun.verb,
        begun.prefix,
        begun.chosen,
        begun.start,
        begun.end,
        last.changed.isoformat(),
        last.record_id,
        begun.sent + len(page),
        begun.total,
    )


def _alpha2(code: str) -> str:
    return alpha2().get(code, "")
