"""Who may ask for what, written down by hand: what tests/web/test_permission_matrix.py holds it to.

Nothing here asks the code under test. A route that is not in `ROUTES` fails the test; whoever adds
one says here for whom it is. docs/people.md shows the same as a table.
"""

from typing import Final

IN, SIGN_IN, FORBIDDEN, ABSENT, GONE = "let in", "asked to sign in", "forbidden", "absent", "gone"

# What the route is about → its methods and paths. Placeholders are filled in by the test.
ROUTES: Final = {
    "open": """
        GET /oai /robots.txt /.well-known/security.txt /opensearch.xml /sitemap.xml
        GET /sitemap-pages.xml
        GET /sitemap-records-{part}.xml /feeds/recent.atom /search.atom /collections.atom
        GET /taxonomy.{form} /topics.{form} /topics/{notation}.{form}
        GET /interventions.{form} /interventions/{notation}.{form}
        GET /letters /letters/{letter_id} /letters.atom
        POST /oai
        GET / /about /licence /privacy /accessibility /queue /site.css /logo /icon-{size}.png
        GET /favicon.ico /manifest.webmanifest /search /suggest /answer /records /print /print.pdf
        GET /collections/{collection_id}/package.{form}
        GET /collections/{collection_id}/editions/{number}/package.{form}
        GET /card.png
        GET /similar /compare /collections /collections/{collection_id}
        GET /collections/{collection_id}/editions/{number} /topics /interventions /topics/{notation}
        GET /interventions/{notation} /countries /facility-types /countries/{code}
        GET /facility-types/{kind} /explore /templates /templates/{name} /judgements
        GET /judgements/thanks /kept /sw.js /purge.json /healthz /readyz /api/v1/search
        GET /api/v1/records /api/v1/suggest /api/v1/taxonomy /api/v1/taxonomy/{notation}
        GET /api/v1/answer /api/v1/collections /api/v1/collections/{collection_id}
        GET /api/v1/collections/{collection_id}/editions/{number} /sign-in /notices/stop/{token}
        GET /feeds/{secret}/notices.atom /feeds/{secret}/news.atom
        POST /similar /judgements /api/v1/similar /sign-in /sign-out /notices/stop/{token}
    """,
    "link": """
        GET /sign-in/back /password /password/{secret} /invitation/{secret} /approval/{secret}
        POST /sign-in/with /password /password/{secret} /invitation/{secret} /approval/{secret}
    """,
    "signed in": """
        GET /peers /requests /follow
    """,
    "mine": """
        GET /account /notices /notices/news
        POST /account /account/password /account/codes /account/codes/confirm /account/codes/off
        POST /account/browsers/{number}/end /account/browsers/others /account/tokens
        POST /account/tokens/{number}/end /notices/seen /notices/choices /notices/feeds /follow
    """,
    "program": """
        GET /api/v1/me /api/v1/jobs/{job_id}
    """,
    "program edits": """
        GET /api/v1/records/{record_id}/content
        PATCH /api/v1/records/{record_id}/content
        POST /api/v1/records/{record_id}/tags /api/v1/records/{record_id}/ready
        POST /api/v1/records/{record_id}/withdraw
    """,
    "program sends": """
        POST /api/v1/ingest
    """,
    "program publishes": """
        POST /api/v1/records/{record_id}/publish
    """,
    "contributor": """
        GET /boards /boards/facility /tell /tell/document /requests/new
        POST /tell /tell/document /requests/new
    """,
    "coach": """
        GET /boards/district /boards/country
    """,
    "curator": """
        GET /desk /desk/next /desk/alike /desk/batches /desk/bulk /desk/bulk/preview
        GET /desk/collections /desk/collections/add /desk/collections/{collection_id}
        GET /desk/collections/{collection_id}/preview /desk/collections/{collection_id}/discard
        POST /desk/collections/{collection_id}/discard /desk/collections/{collection_id}/home
        GET /desk/batches/conflicts /desk/collections/{collection_id}/home
        GET /desk/needs /desk/taxonomy
        GET /desk/taxonomy/concepts/{notation} /desk/taxonomy/export.{form}
        GET /desk/taxonomy/import /desk/judgements /desk/reports /desk/ages /desk/agreement
        GET /desk/statistics /desk/letters /desk/letters/{letter_id}
        GET /desk/letters/{letter_id}/mail.{form}
        POST /desk/letters /desk/letters/{letter_id}/send
        POST /desk/views /desk/views/{view_id}/remove /desk/bulk /desk/collections
        POST /desk/collections/add /desk/collections/{collection_id}
        POST /desk/collections/{collection_id}/parts /desk/collections/{collection_id}/records
        POST /desk/collections/{collection_id}/parts/{part_id}
        POST /desk/collections/{collection_id}/parts/{part_id}/clearance
        POST /desk/collections/{collection_id}/ideas /desk/collections/{collection_id}/adapt
        POST /desk/needs/{need_id}/forget
    """,
    "whole": """
        GET /desk/taxonomy/change
        POST /desk/taxonomy/change /desk/taxonomy/import
    """,
    "publisher": """
        POST /desk/collections/{collection_id}/publish /desk/collections/{collection_id}/withdraw
        POST /desk/ages/escalate
    """,
    "admin": """
        GET /people /desk/audit
        POST /people/invite
    """,
    "page": """
        GET /records/{record_id} /records/{record_id}/photos/{number}
    """,
    "public": """
        GET /records/{record_id}/linkset /records/{record_id}/linkset.json
        GET /records/{record_id}/file /records/{record_id}/cite.{form}
        GET /records/{record_id}/one-page.pdf
        GET /r/{record_id} /records/{record_id}/share.txt /records/{record_id}/print
        GET /records/{record_id}/card.png /records/{record_id}/similar /records/{record_id}/poster
        GET /api/v1/records/{record_id} /api/v1/records/{record_id}/similar
        GET /records/{record_id}/spread
    """,
    "asking": """
        GET /records/{record_id}/ask
        POST /records/{record_id}/ask
    """,
    "tried": """
        GET /records/{record_id}/tried
        POST /records/{record_id}/tried
    """,
    "follow": """
        GET /records/{record_id}/history /records/{record_id}/history/compare
        POST /records/{record_id}/history/object
    """,
    "edit": """
        GET /tell/questions/{record_id}
        POST /tell/questions/{record_id}/{question_id}
    """,
    "curate": """
        GET /desk/records/{record_id} /desk/records/{record_id}/original
        GET /desk/records/{record_id}/history /desk/records/{record_id}/history/compare
        GET /desk/records/{record_id}/history/{version}/restore /desk/records/{record_id}/lock
        GET /desk/records/{record_id}/privacy /desk/records/{record_id}/pictures/{finding_id}
        GET /desk/records/{record_id}/photos /desk/records/{record_id}/photos/{photo_id}
        POST /desk/records/{record_id}/photos/{photo_id} /desk/records/{record_id}/ask-team
        GET /desk/records/{record_id}/consent /desk/agreement/{record_id}
        GET /desk/records/{record_id}/home
        POST /desk/records/{record_id}/home
        POST /desk/records/{record_id}/approval /desk/records/{record_id}/fields
        POST /desk/records/{record_id}/undo /desk/records/{record_id}/tags
        POST /desk/records/{record_id}/ready /desk/records/{record_id}/suggest
        POST /desk/records/{record_id}/history/{version}/restore
        POST /desk/records/{record_id}/history/again /desk/records/{record_id}/return
        POST /desk/records/{record_id}/questions/{question_id} /desk/records/{record_id}/notes
        POST /desk/records/{record_id}/lock /desk/records/{record_id}/privacy
        POST /desk/records/{record_id}/consent /desk/records/{record_id}/consent/withdraw
        POST /desk/agreement/{record_id}
    """,
    "publish": """
        GET /desk/records/{record_id}/purge
        POST /desk/records/{record_id}/purge
        POST /desk/records/{record_id}/publish
    """,
    "draft": """
        GET /tell/{draft_id}/found /tell/{draft_id}/photo /tell/{draft_id}/photos/{digest}
        GET /tell/{draft_id}/showing /tell/{draft_id}/review /tell/{draft_id}/sent
        GET /tell/{draft_id}/{name}
        POST /tell/{draft_id}/delete /tell/{draft_id}/path /tell/{draft_id}/found
        POST /tell/{draft_id}/photo /tell/{draft_id}/showing
        POST /tell/{draft_id}/submit /tell/{draft_id}/{name} /tell/{draft_id}/{name}/look
    """,
    "enquiry": """
        GET /requests/{enquiry_id}
        POST /requests/{enquiry_id}/say
    """,
    "asked": """
        POST /requests/{enquiry_id}/close
    """,
    "pair": """
        GET /desk/alike/{likeness_id}
        POST /desk/alike/{likeness_id}
    """,
    "batch": """
        GET /desk/batches/{batch_id} /desk/batches/{batch_id}/undo
        POST /desk/batches/{batch_id}/undo
    """,
    "judged": """
        POST /desk/judgements/{judgement_id} /desk/reports/{report_id}
    """,
    "account": """
        GET /people/{user_id}
        POST /people/invitations/{number}/call-back /people/{user_id}/grant /people/{user_id}/take
        POST /people/{user_id}/close /people/{user_id}/open /people/{user_id}/sign-out
        POST /people/{user_id}/link
    """,
}

# What the route is about → the role that it asks for, somewhere; "" stands for whoever signed in.
NEEDS: Final = {
    "open": None,
    "link": None,
    "page": None,
    "public": None,
    "signed in": "",
    "mine": "",
    "program": "",
    "program edits": "contributor",
    "program sends": "curator",
    "program publishes": "publisher",
    "asking": "",
    "follow": "",
    "enquiry": "",
    "asked": "",
    "contributor": "contributor",
    "tried": "contributor",
    "edit": "contributor",
    "draft": "contributor",
    "coach": "coach",
    "curator": "curator",
    "whole": "curator",
    "curate": "curator",
    "pair": "curator",
    "batch": "curator",
    "judged": "curator",
    "publisher": "publisher",
    "publish": "publisher",
    "admin": "admin",
    "account": "admin",
}
ROLES: Final = ("reader", "contributor", "coach", "curator", "publisher", "admin")

TANZANIA: Final = {"country": "TZA"}
HERE: Final = {"country": "TZA", "admin1": "Mbeya", "admin2": "Rungwe"}
THERE: Final = {"country": "TZA", "admin1": "Songwe", "admin2": "Mbozi"}
KENYA: Final = {"country": "KEN"}
# Who asks: their role and where it holds; all records are of Ilulu in Rungwe.
PEOPLE: Final = {
    "nobody": (None, {}),
    "reader": ("reader", {}),
    "contributor nearby": ("contributor", {**HERE, "facility": "Tukuyu"}),
    "author": ("contributor", {**HERE, "facility": "Ilulu Health Centre"}),
    "coach": ("coach", HERE),
    "coach elsewhere": ("coach", THERE),
    "curator": ("curator", TANZANIA),
    "curator abroad": ("curator", KENYA),
    "publisher": ("publisher", TANZANIA),
    "publisher abroad": ("publisher", KENYA),
    "admin": ("admin", TANZANIA),
    "admin abroad": ("admin", KENYA),
    "operator": ("admin", {}),
}

# Word of the record → status, how far it was let go, whether it was sent in, what else it says.
STATES: Final = {
    "zantold": ("draft", "public", False, ""),
    "zanteam": ("in-review", "team", True, ""),
    "zandist": ("in-review", "district", True, ""),
    "zancoun": ("in-review", "country", True, ""),
    "zansent": ("in-review", "public", True, ""),
    "zanopen": ("in-review", "country", True, "Mrs Amina Juma, 0712 345 678."),
    "zanback": ("returned", "district", True, ""),
    "zanheld": ("privacy-check", "public", True, ""),
    "zanpubl": ("published", "public", True, ""),
    "zannarr": ("published", "district", True, ""),
    "zangone": ("withdrawn", "public", True, ""),
    "zanreti": ("retired", "public", True, ""),
    "zancons": ("consent withdrawn", "public", True, ""),
    "zanonce": ("withdrawn", "district", True, ""),
}
NUMBERLESS: Final = "absent"  # a number that no record has
WITHDRAWN: Final = {"zangone", "zanreti", "zancons"}
CIRCLES: Final = {"zannarr", "zanonce"}  # published for their district, and never for everybody
IN_WORK: Final = {
    *("zantold", "zanteam", "zandist", "zancoun", "zansent", "zanopen", "zanback", "zanheld")
}
EVERY: Final = set(STATES)
EVERYBODYS: Final = {"zanpubl"}
COUNTRYS: Final = EVERYBODYS | {"zancoun", "zansent"}
DISTRICTS: Final = COUNTRYS | {"zandist", "zanback", "zannarr"}
LEARNING_CENTRE: Final = {"curator", "publisher", "admin", "operator"}  # where the records are from

READ: Final = {
    "nobody": EVERYBODYS,
    "reader": EVERYBODYS,
    "contributor nearby": DISTRICTS,
    "author": EVERY,
    "coach": DISTRICTS,
    "coach elsewhere": COUNTRYS,
    "curator abroad": EVERYBODYS,
    "publisher abroad": EVERYBODYS,
    "admin abroad": EVERYBODYS,
    **dict.fromkeys(LEARNING_CENTRE, EVERY),
}
# Who could read what was taken back from a district, and so hears that it was.
HAD: Final = {"contributor nearby", "author", "coach", *LEARNING_CENTRE}
# What is done with a record → who may, with records in which states; all others may not.
MAY: Final = {
    "follow": {"author": EVERY, **dict.fromkeys(LEARNING_CENTRE, EVERY)},
    "edit": {"author": IN_WORK, **dict.fromkeys(LEARNING_CENTRE, EVERY)},
    "curate": dict.fromkeys(LEARNING_CENTRE, EVERY),
    "publish": dict.fromkeys(LEARNING_CENTRE - {"curator"}, EVERY),
}
# What is nobody's record, and whose it is: for all others it is not there.
WHOSE: Final = {
    "draft": {"author"},
    "enquiry": {"author", "coach", *LEARNING_CENTRE},
    "asked": {"author", "operator"},  # who only sees it may not close it
    "pair": LEARNING_CENTRE,
    "batch": LEARNING_CENTRE,
    "judged": LEARNING_CENTRE,
    "account": {"admin", "operator"},
    "whole": {"operator"},
}


def expected(  # noqa: PLR0911  one line for each answer
    kind: str, method: str, who: str, state: str
) -> str:
    """Return what somebody must be told who asks for a route about a record in this state."""
    role, needed = PEOPLE[who][0], NEEDS[kind]
    if needed is not None and (role is None or (kind.startswith("program") and who != "operator")):
        return SIGN_IN
    if kind == "publish" and role == "curator":
        needed = "curator"  # first it is asked whether the record is there for them
    if needed and ROLES.index(role) < ROLES.index(needed):
        return FORBIDDEN
    is_own = (kind == "mine" and method == "POST") or (
        kind == "asking" and method == "POST" and state in EVERYBODYS
    )
    if is_own and who == "operator":  # has no account
        return FORBIDDEN
    if kind in WHOSE:
        return _of_somebody(kind, who) if state != NUMBERLESS else ABSENT
    if kind in {"page", "public", "asking", "tried"}:
        if state in WITHDRAWN or (state == "zanonce" and kind == "page" and who in HAD):
            return GONE
        return IN if state in (READ[who] if kind == "page" else EVERYBODYS) else ABSENT
    if kind in MAY:
        if state in MAY[kind].get(who, ()):
            return IN
        return FORBIDDEN if state in READ[who] else ABSENT
    return IN


def _of_somebody(kind: str, who: str) -> str:
    if who in WHOSE[kind]:
        return IN
    # What everybody knows of, or who asks sees: it is there, and they may not.
    seen = kind == "asked" and who in WHOSE["enquiry"]
    return FORBIDDEN if kind == "whole" or seen else ABSENT
