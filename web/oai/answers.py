"""The answers of OAI-PMH as XML."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from lxml import etree

from web.assets import FOLDER, asset
from web.metadata.datacite import VERSION, datacite_xml
from web.metadata.described import Described
from web.metadata.dublin_core import DC, OAI_DC, SCHEMA, XSI, dublin_core
from web.metadata.xml import document, element
from web.oai.harvest import Header

OAI = "http://www.openarchives.org/OAI/2.0/"
OAI_SCHEMA = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
IDENTIFIER_SCHEMA = "http://www.openarchives.org/OAI/2.0/oai-identifier.xsd"
OAI_DATACITE = "http://schema.datacite.org/oai/oai-1.1/"
OAI_DATACITE_SCHEMA = "http://schema.datacite.org/oai/oai-1.1/oai.xsd"
# An answer says it is so much older than it is. Harvesters ask next for what changed since then: a
# change has its moment before it is committed, and waits at most so long for another writer.
BEFORE: Final = timedelta(seconds=10)
PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True)
PAGE = "oai.xsl"  # makes a page of an answer
# What a browser that only gets the XML makes of it: a page or, as more and more have no XSLT,
# lines that are laid out. Harvesters look at neither.
SHOWN_BY: Final = (("text/xsl", PAGE), ("text/css", "oai.css"))


@dataclass(frozen=True, slots=True)
class Prefix:
    """One form that records are harvested in."""

    namespace: str
    schema: str
    write: Callable[[Described], etree._Element]


def _in_envelope(said: Described) -> etree._Element:
    """Return the record as oai_datacite: the kernel in an envelope that names its version."""
    envelope = etree.Element(f"{{{OAI_DATACITE}}}oai_datacite", nsmap={None: OAI_DATACITE})
    element(envelope, f"{{{OAI_DATACITE}}}schemaVersion", VERSION)
    payload = element(envelope, f"{{{OAI_DATACITE}}}payload")
    payload.append(datacite_xml(said))
    return envelope


PREFIXES: Final[Mapping[str, Prefix]] = {
    "oai_dc": Prefix(OAI_DC, SCHEMA, dublin_core),
    "oai_datacite": Prefix(OAI_DATACITE, OAI_DATACITE_SCHEMA, _in_envelope),
}


@dataclass(frozen=True, slots=True)
class Repository:
    """The library as harvesters know it."""

    name: str
    address: str  # of its OAI-PMH
    host: str
    admin: str  # an e-mail address

    def identifier(self, record_id: int) -> str:
        """Return what harvesters call the record, for ever."""
        return f"oai:{self.host}:{record_id}"

    def number(self, identifier: str) -> int | None:
        """Return the record that an identifier means, None where it cannot be one of ours."""
        prefix, _colon, number = identifier.rpartition(":")
        ours = prefix == f"oai:{self.host}" and re.fullmatch("[1-9][0-9]{0,8}", number)
        return int(number) if ours else None


class Answer:
    """One answer on its way: its head, and what is put in."""

    def __init__(self, repository: Repository, verb: str, request: Mapping[str, str]) -> None:
        self.repository = repository
        self.root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={None: OAI, "xsi": XSI, "dc": DC})
        self.root.set(f"{{{XSI}}}schemaLocation", f"{OAI} {OAI_SCHEMA}")
        element(self.root, f"{{{OAI}}}responseDate", moment(datetime.now(UTC) - BEFORE))
        element(self.root, f"{{{OAI}}}request", repository.address, **request)
        self.verb = verb

    @property
    def bytes(self) -> bytes:
        """The whole document."""
        return document(self.root, styles=[(kind, asset(name)) for kind, name in SHOWN_BY])

    def refuse(self, code: str, message: str) -> None:
        """Put in why there is no answer."""
        element(self.root, f"{{{OAI}}}error", message, code=code)

    def identify(self, earliest: datetime) -> None:
        """Put in who answers."""
        told = self._body()
        for name, value in (
            ("repositoryName", self.repository.name),
            ("baseURL", self.repository.address),
            ("protocolVersion", "2.0"),
            ("adminEmail", self.repository.admin),
            ("earliestDatestamp", moment(earliest)),
            ("deletedRecord", "persistent"),
            ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
            ("compression", "gzip"),
        ):
            element(told, f"{{{OAI}}}{name}", value)
        if "." in self.repository.host and not self.repository.host[0].isdecimal():
            self._describe_identifiers(element(told, f"{{{OAI}}}description"))

    def formats(self) -> None:
        """Put in the forms that every record is offered in."""
        told = self._body()
        for prefix, form in PREFIXES.items():
            one = element(told, f"{{{OAI}}}metadataFormat")
            element(one, f"{{{OAI}}}metadataPrefix", prefix)
            element(one, f"{{{OAI}}}schema", form.schema)
            element(one, f"{{{OAI}}}metadataNamespace", form.namespace)

    def sets(self, named: Iterable[tuple[str, str]]) -> None:
        """Put in the sets: what each is asked by, and its name."""
        told = self._body()
        for spec, name in named:
            one = element(told, f"{{{OAI}}}set")
            element(one, f"{{{OAI}}}setSpec", spec)
            element(one, f"{{{OAI}}}setName", name)

    def headers(self, listed: Sequence[tuple[Header, Sequence[str]]]) -> None:
        """Put in headers alone, each with its sets."""
        told = self._body()
        for header, sets in listed:
            self._header(told, header, sets)

    def records(
        self,
        listed: Sequence[tuple[Header, Sequence[str]]],
        described: Mapping[int, Described],
        prefix: str,
    ) -> None:
        """Put in whole records; of one that was taken back, its header."""
        told = self._body()
        for header, sets in listed:
            record = element(told, f"{{{OAI}}}record")
            self._header(record, header, sets)
            if not header.deleted:
                form = PREFIXES[prefix].write(described[header.record_id])
                element(record, f"{{{OAI}}}metadata").append(form)

    def resume(self, token: str, *, total: int, sent: int) -> None:
        """Put in how the list goes on; an empty token ends one that was longer than a page."""
        element(
            self.root[-1],
            f"{{{OAI}}}resumptionToken",
            token,
            completeListSize=str(total),
            cursor=str(sent),
        )

    def _body(self) -> etree._Element:
        return element(self.root, f"{{{OAI}}}{self.verb}")

    def _header(self, parent: etree._Element, header: Header, sets: Sequence[str]) -> None:
        status = {"status": "deleted"} if header.deleted else {}
        told = element(parent, f"{{{OAI}}}header", **status)
        element(told, f"{{{OAI}}}identifier", self.repository.identifier(header.record_id))
        element(told, f"{{{OAI}}}datestamp", moment(header.changed))
        for spec in sets:
            element(told, f"{{{OAI}}}setSpec", spec)

    def _describe_identifiers(self, parent: etree._Element) -> None:
        told = etree.SubElement(parent, f"{{{IDENTIFIER}}}oai-identifier", nsmap={None: IDENTIFIER})
        told.set(f"{{{XSI}}}schemaLocation", f"{IDENTIFIER} {IDENTIFIER_SCHEMA}")
        for name, value in (
            ("scheme", "oai"),
            ("repositoryIdentifier", self.repository.host),
            ("delimiter", ":"),
            ("sampleIdentifier", self.repository.identifier(1)),
        ):
            element(told, f"{{{IDENTIFIER}}}{name}", value)


def page_of(answer: bytes) -> str:
    """Return an answer as a page for people: browsers that do it themselves warn their readers."""
    return str(_to_page()(etree.fromstring(answer, PARSER)))


@cache
def _to_page() -> etree.XSLT:
    return etree.XSLT(etree.parse(FOLDER / PAGE), access_control=etree.XSLTAccessControl.DENY_ALL)


def moment(at: datetime) -> str:
    """Return a moment as the protocol writes it: UTC, whole seconds."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
