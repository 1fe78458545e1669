"""A record in Dublin Core, as every harvester reads it: oai_dc.

Source: https://www.openarchives.org/OAI/2.0/oai_dc.xsd
"""

from lxml import etree

from web.metadata.described import Described
from web.metadata.kinds import COAR, KINDS
from web.metadata.xml import element

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def dublin_core(said: Described) -> etree._Element:
    """Return the record as oai_dc: the words of its own language say so, concepts are English."""
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} {SCHEMA}")
    for name, values, language in (
        ("title", [said.title], said.language),
        ("creator", said.creators, ""),
        ("subject", said.keywords, ""),
        ("description", [said.abstract], said.language),
        ("publisher", [said.library], ""),
        ("date", [said.published.isoformat()], ""),
        ("type", [KINDS[said.record_type].datacite, COAR + KINDS[said.record_type].coar], ""),
        ("format", [said.copy.media_type if said.copy else ""], ""),
        ("identifier", [said.address, f"https://doi.org/{said.doi}" if said.doi else ""], ""),
        ("source", [said.source_url], ""),
        ("language", [said.language], ""),
        ("coverage", [where.name for where in said.where], ""),
        ("rights", [said.licence.address if said.licence else said.spdx], ""),
    ):
        for value in filter(None, values):
            child = element(root, f"{{{DC}}}{name}", value)
            if language:
                child.set(LANG, language)
    return root
