"""The forms a record leaves in: the end of its address, its media type, and how it is written."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from web.citing import BIBTEX, RIS, bibtex, ris, sentence
from web.metadata.csl import csl_json
from web.metadata.datacite import NAMESPACE, datacite, datacite_xml
from web.metadata.described import Described
from web.metadata.dublin_core import OAI_DC, dublin_core
from web.metadata.schema_org import schema_org
from web.metadata.xml import document

HTML = "text/html"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Format:
    """One form: `/records/7/cite.{name}` sends it."""

    name: str
    media_type: str
    write: Callable[[Described], str | bytes]
    profile: str = ""  # what it conforms to


def _json(make: Callable[[Described], object]) -> Callable[[Described], str]:
    return lambda said: json.dumps(make(said), ensure_ascii=False, indent=1)


FORMATS: Final = (
    Format("bib", BIBTEX, bibtex),
    Format("ris", RIS, ris),
    Format("csl.json", "application/vnd.citationstyles.csl+json", _json(csl_json)),
    Format("jsonld", "application/ld+json", _json(schema_org), "https://schema.org/"),
    Format(
        "datacite.json",
        "application/vnd.datacite.datacite+json",
        _json(datacite),
        NAMESPACE,
    ),
    Format(
        "datacite.xml",
        "application/vnd.datacite.datacite+xml",
        lambda said: document(datacite_xml(said)),
        NAMESPACE,
    ),
    Format("dc.xml", "application/x-dc+xml", lambda said: document(dublin_core(said)), OAI_DC),
    Format("txt", "text/x-bibliography", lambda said: f"{sentence(said)}\n"),
)
BY_NAME: Final = {one.name: one for one in FORMATS}
BY_TYPE: Final = {one.media_type: one for one in FORMATS}
