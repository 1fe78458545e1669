"""What of a record may be shown: the facility's choice, applied everywhere."""

from kb import content
from kb.vocabulary import Naming, TagStatus


def shown_place(place: content.Place, naming: Naming) -> content.Place:
    """Return `place` with everything left out that `naming` does not allow.

    >>> hidden = shown_place(content.Place(country="TZA", admin2="Rungwe", facility="Ilulu"),
    ...                      Naming.TYPE_AND_DISTRICT)
    >>> hidden.facility, hidden.admin2
    ('', 'Rungwe')
    """
    if naming is Naming.NAMED:
        return place
    if naming is Naming.ANONYMOUS:
        return content.Place()
    shown = place.model_copy(update={"facility": "", "facility_code": ""})
    if naming is Naming.TYPE_AND_COUNTRY:
        return shown.model_copy(update={"admin1": "", "admin2": ""})
    return shown


def public(said: content.Record) -> content.Record:
    """Return `said` without what is not for every reader's eyes.

    Places as their naming allows, only confirmed tags, authors only where they want credit, and
    neither contact nor doubts nor where ingest read each field.
    """
    shown = (shown_place(place, said.naming) for place in said.places)
    confirmed = (tag for tag in said.tags if tag.status is TagStatus.CONFIRMED)
    hidden = set() if said.naming is Naming.NAMED else {"where"}
    return said.model_copy(
        update={
            "places": tuple(place for place in shown if place != content.Place()),
            "tags": tuple(tag.model_copy(update={"confirmed_by": ""}) for tag in confirmed),
            "authors": said.authors if said.credit_wanted else (),
            "credit_line": said.credit_line if said.credit_wanted else "",
            "logistics": {k: v for k, v in said.logistics.items() if k not in hidden},
            "contact": "",
            "doubts": (),
            "evidence": (),
        }
    )
