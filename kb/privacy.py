"""What of a place may be shown: the facility's choice, applied everywhere."""

from kb import content
from kb.vocabulary import Naming


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
