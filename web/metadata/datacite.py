"""A record for DOI agencies and harvesters: DataCite Metadata Schema 4.5, in JSON and in XML.

Source: https://datacite-metadata-schema.readthedocs.io/en/4.5/
"""

from typing import Any

from datacite import schema45
from lxml import etree

from web.metadata.described import Described
from web.metadata.kinds import KINDS
from web.metadata.xml import cleaned

VERSION = "4.5"
NAMESPACE = "http://datacite.org/schema/kernel-4"


def datacite(said: Described) -> dict[str, Any]:
    """Return the record as DataCite has it; all that it asks for is there, DOI or not."""
    told: dict[str, Any] = {
        "schemaVersion": NAMESPACE,
        "doi": said.doi,
        "alternateIdentifiers": [
            {"alternateIdentifier": said.address, "alternateIdentifierType": "URL"}
        ],
        "url": said.address,
        "creators": _creators(said),
        "titles": [{"title": said.title, "lang": said.language}],
        "publisher": {"name": said.library},
        "publicationYear": str(said.published.year),
        "types": {
            "resourceType": said.record_type.replace("-", " "),
            "resourceTypeGeneral": KINDS[said.record_type].datacite,
        },
        "subjects": _subjects(said),
        "dates": [
            {"date": said.published.isoformat(), "dateType": "Issued"},
            {"date": said.updated.date().isoformat(), "dateType": "Updated"},
        ],
        "language": said.language,
        "version": str(said.version),
        "rightsList": _rights(said),
        "descriptions": _descriptions(said),
        "geoLocations": [{"geoLocationPlace": where.name} for where in said.where],
    }
    return {name: value for name, value in told.items() if value}


def datacite_xml(said: Described) -> etree._Element:
    """Return the record as a `resource` of the kernel; without a DOI its address identifies it."""
    told = cleaned(datacite(said))
    if not said.doi:
        told["doi"] = said.address
    # Written and read again: until then its parts are in no namespace.
    resource = etree.fromstring(etree.tostring(schema45.dump_etree(told)))
    identifier = resource.find("{*}identifier")
    if identifier is not None and not said.doi:
        identifier.set("identifierType", "URL")
    return resource


def _creators(said: Described) -> list[dict[str, Any]]:
    people = [name for name in said.authors if name != said.team]
    if not people:
        return [{"name": said.creators[0], "nameType": "Organizational"}]
    return [{"name": name, "nameType": "Personal"} for name in people]


def _subjects(said: Described) -> list[dict[str, str]]:
    concepts = [
        {
            "subject": one.label,
            "subjectScheme": one.scheme,
            "schemeUri": f"{said.home}/{one.scheme}",
            "valueUri": one.address,
        }
        for one in said.subjects
    ]
    return [*concepts, *({"subject": word} for word in said.keywords[len(said.subjects) :])]


def _rights(said: Described) -> list[dict[str, str]]:
    if not said.spdx:
        return []
    if said.licence is None:
        return [{"rights": said.spdx}]
    return [
        {
            "rights": said.licence.name,
            "rightsUri": said.licence.address,
            "rightsIdentifier": said.spdx,
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": "https://spdx.org/licenses/",
        }
    ]


def _descriptions(said: Described) -> list[dict[str, str]]:
    if not said.abstract:
        return []
    return [
        {"description": said.abstract, "descriptionType": "Abstract", "lang": said.language},
    ]
