"""A record for citation styles: CSL-JSON.

Source: https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html
"""

from typing import Any

from web.metadata.described import Described
from web.metadata.kinds import KINDS


def csl_json(said: Described) -> dict[str, Any]:
    """Return the record as one item of CSL-JSON.

    A name with one comma is a person's, “Family, Given”; every other one stays as it is.
    """
    day = said.published
    told: dict[str, Any] = {
        "id": f"record-{said.record_id}",
        "type": KINDS[said.record_type].csl,
        "title": said.title,
        "author": [*map(_name, said.authors)],
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "publisher": said.library,
        "number": str(said.record_id),
        "URL": said.address,
        "DOI": said.doi,
        "language": said.language,
        "abstract": said.abstract,
        "keyword": ", ".join(said.keywords),
    }
    return {name: value for name, value in told.items() if value}


def _name(name: str) -> dict[str, str]:
    family, comma, given = name.partition(",")
    if not comma or "," in given:
        return {"literal": name}
    return {"family": family.strip(), "given": given.strip()}
