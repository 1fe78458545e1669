"""A record for search engines and assistants: schema.org in JSON-LD."""

from typing import Any

from web.metadata.described import Described, Subject, Where
from web.metadata.kinds import KINDS, SCHEMA_ORG


def schema_org(said: Described) -> dict[str, Any]:
    """Return the record as a schema.org object; what nobody said is left out."""
    kind = KINDS[said.record_type]
    people = [{"@type": "Person", "name": name} for name in said.authors if name != said.team]
    creators = people or [{"@type": "Organization", "name": said.creators[0]}]
    library = {"@type": "Organization", "name": said.library}
    if not said.elsewhere:
        library["url"] = f"{said.home}/"
    told: dict[str, Any] = {
        "@context": SCHEMA_ORG.rstrip("/"),
        "@id": said.identifier,
        "@type": [kind.schema_org, *kind.also] if kind.also else kind.schema_org,
        "identifier": said.identifier,
        "url": said.address,
        "name": said.title,
        "author": creators,
        "creator": creators,
        "publisher": library,
        "datePublished": said.published.isoformat(),
        "dateModified": said.updated.date().isoformat(),
        "inLanguage": said.language,
        "version": str(said.version),
        "isAccessibleForFree": True,
        "description": said.abstract,
        "keywords": [*map(_term, said.subjects), *said.keywords[len(said.subjects) :]],
        "license": said.licence.address if said.licence else said.spdx,
        "spatialCoverage": [*map(_place, said.where)],
        "isBasedOn": said.source_url,
        "distribution": _file(said),
    }
    return {name: value for name, value in told.items() if value}


def _term(subject: Subject) -> dict[str, str]:
    return {
        "@type": "DefinedTerm",
        "@id": subject.address,
        "name": subject.label,
        "termCode": subject.notation,
        "inDefinedTermSet": subject.address.removesuffix(f"/{subject.notation}"),
    }


def _place(where: Where) -> dict[str, Any]:
    country = {"address": {"@type": "PostalAddress", "addressCountry": where.country}}
    return {"@type": "Place", "name": where.name} | (country if where.country else {})


def _file(said: Described) -> list[dict[str, str]]:
    if said.copy is None:
        return []
    return [
        {
            "@type": "DataDownload",
            "contentUrl": said.copy.address,
            "encodingFormat": said.copy.media_type,
        }
    ]
