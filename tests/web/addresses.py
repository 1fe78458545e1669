"""Every page of the library, by an address of the sample library (`tests/web/sample.py`).

A route that answers GET stands here, or `test_open_to_all.py` says that it is missing.
"""

# The path of the route: addresses that show what the page can look like.
PAGES: dict[str, tuple[str, ...]] = {
    "/": ("/",),
    "/about": ("/about",),
    "/licence": ("/licence",),
    "/privacy": ("/privacy",),
    "/accessibility": ("/accessibility",),
    "/search": ("/search?q=scale", "/search", "/search?q=scale&country=KEN&topic=none"),
    "/suggest": ("/suggest?q=scale",),
    "/answer": ("/answer?q=scale",),
    "/records": ("/records?ids=1,2",),
    "/records/{record_id}": ("/records/1", "/records/2", "/records/4", "/records/5", "/records/99"),
    "/records/{record_id}/similar": ("/records/1/similar",),
    "/compare": ("/compare?ids=1,2,3,4", "/compare?ids=1", "/compare"),
    "/collections": ("/collections",),
    "/collections/{collection_id}": ("/collections/1", "/collections/2", "/collections/3"),
    "/collections/{collection_id}/editions/{number}": (
        "/collections/3/editions/1",
        "/collections/3/editions/9",
    ),
    "/kept": ("/kept",),
    "/records/{record_id}/print": ("/records/1/print", "/records/4/print"),
    "/print": ("/print?ids=1,2,99", "/print"),
    "/similar": ("/similar",),
    "/topics": ("/topics",),
    "/topics/{notation}": ("/topics/early-initiation-of-breastfeeding", "/topics/none"),
    "/interventions": ("/interventions",),
    "/interventions/{notation}": ("/interventions/process-redesign",),
    "/countries": ("/countries",),
    "/countries/{code}": ("/countries/TZA",),
    "/explore": ("/explore", "/explore?rows=country&cols=verdict&topic=breastfeeding"),
    "/facility-types": ("/facility-types",),
    "/facility-types/{kind}": (
        "/facility-types/health-centre",
        "/facility-types/mobile-clinic",
        "/facility-types/palace",
    ),
    "/templates": ("/templates",),
    "/judgements": ("/judgements?q=scale",),
    "/judgements/thanks": ("/judgements/thanks?q=scale",),
}

DESK_PAGES: dict[str, tuple[str, ...]] = {
    "/desk": ("/desk", "/desk?awaits=privacy", "/desk?page=9"),
    "/desk/records/{record_id}": ("/desk/records/6", "/desk/records/1"),
    "/desk/records/{record_id}/lock": ("/desk/records/6/lock",),
    "/desk/records/{record_id}/privacy": ("/desk/records/6/privacy", "/desk/records/1/privacy"),
    "/desk/records/{record_id}/history": ("/desk/records/1/history",),
    "/desk/records/{record_id}/history/compare": ("/desk/records/1/history/compare",),
    "/desk/records/{record_id}/history/{version}/restore": ("/desk/records/1/history/1/restore",),
    "/records/{record_id}/history": ("/records/1/history",),
    "/records/{record_id}/history/compare": ("/records/1/history/compare?old=1&new=2",),
    "/desk/alike": ("/desk/alike",),
    "/desk/alike/{likeness_id}": ("/desk/alike/1",),
    "/desk/batches": ("/desk/batches",),
    "/desk/batches/{batch_id}": ("/desk/batches/1",),
    "/desk/batches/{batch_id}/undo": ("/desk/batches/1/undo",),
    "/desk/needs": ("/desk/needs",),
    "/desk/judgements": ("/desk/judgements",),
    "/desk/reports": ("/desk/reports",),
}

# Routes whose answers are no pages: programs ask them, or they are files.
NO_PAGES = {
    "/favicon.ico",
    "/icon-{size}.png",
    "/logo",
    "/manifest.webmanifest",
    "/site.css",
    "/records/{record_id}/cite.bib",
    "/records/{record_id}/cite.ris",
    "/healthz",
    "/readyz",
    "/sw.js",
    "/card.png",
    "/r/{record_id}",
    "/records/{record_id}/card.png",
    "/records/{record_id}/file",
    "/records/{record_id}/share.txt",
    "/templates/{name}",
    "/desk/next",
    "/desk/records/{record_id}/original",
    "/desk/records/{record_id}/pictures/{finding_id}",
}
