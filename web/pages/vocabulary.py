"""The taxonomy for other systems: SKOS at the addresses of its pages, by Accept or by extension.

A concept's address is that of its page. What a page shows only as a redirect, a concept that was
merged into another one, SKOS tells: that it is deprecated, and what replaces it.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import PlainTextResponse

from kb import term_skos
from kb.errors import NotFoundError
from kb.taxonomy import Taxonomy, Term
from kb.vocabulary import Scheme
from kb.wording import marked
from web.deps import LibraryDep
from web.metadata.formats import HTML
from web.metadata.negotiation import best
from web.render import address
from web.rules import OPEN
from web.term_files import SKOS, Kept

router = APIRouter(dependencies=[OPEN])

BY_TYPE: Final = {media_type: form for form, (media_type, _) in SKOS.items()}
OFFERED: Final = (HTML, *BY_TYPE)
VARY: Final = "Accept, Accept-Language"

Form = Annotated[str, Path(max_length=10)]
Notation = Annotated[str, Path(max_length=80)]


@router.get("/taxonomy.{form}")
def both_schemes(request: Request, library: LibraryDep, form: Form) -> Response:
    """Send all concepts of both schemes."""
    return _described(request, library.taxonomy, None, form)


@router.get("/topics.{form}")
def topics_file(request: Request, library: LibraryDep, form: Form) -> Response:
    """Send the topics."""
    return _described(request, library.taxonomy, Scheme.TOPICS, form)


@router.get("/interventions.{form}")
def interventions_file(request: Request, library: LibraryDep, form: Form) -> Response:
    """Send the interventions."""
    return _described(request, library.taxonomy, Scheme.INTERVENTIONS, form)


@router.get("/topics/{notation}.{form}")
def topic_file(request: Request, library: LibraryDep, notation: Notation, form: Form) -> Response:
    """Send one topic with the labels of its neighbours."""
    return _concept(request, library.taxonomy, Scheme.TOPICS, notation, form)


@router.get("/interventions/{notation}.{form}")
def intervention_file(
    request: Request, library: LibraryDep, notation: Notation, form: Form
) -> Response:
    """Send one kind of intervention with the labels of its neighbours."""
    return _concept(request, library.taxonomy, Scheme.INTERVENTIONS, notation, form)


def in_wanted_form(request: Request, terms: Taxonomy, what: Scheme | Term) -> Response | None:
    """Return what a program asks for; None for the page, 406 with what there is else."""
    wanted = best(request.headers.get("accept", ""), OFFERED)
    if wanted == HTML:
        return None
    if wanted is None:
        told = "This is offered as:\n" + "".join(f"{kind}\n" for kind in OFFERED)
        return PlainTextResponse(told, 406, headers={"Vary": VARY})
    answer = _described(request, terms, what, BY_TYPE[wanted])
    answer.headers["Vary"] = VARY
    answer.headers["Content-Location"] = f"{address(request)}.{BY_TYPE[wanted]}"
    return answer


def signed(request: Request, shown: Response) -> Response:
    """Return the page with the addresses of its other forms in the header `Link`."""
    here = address(request)
    shown.headers.append("Vary", "Accept")
    shown.headers["Link"] = ", ".join(
        f'<{here}.{form}>; rel="alternate"; type="{kind}"' for kind, form in BY_TYPE.items()
    )
    return shown


def _concept(
    request: Request, terms: Taxonomy, scheme: Scheme, notation: str, form: str
) -> Response:
    term = terms.terms.get(notation)
    if term is None or term.scheme is not scheme:
        raise NotFoundError(
            marked("“%(word)s” is nothing that one could browse by here.", word=notation),
            hint=marked("Look through all topics and interventions, or search."),
        )
    return _described(request, terms, term, form)


def _described(
    request: Request, terms: Taxonomy, what: Scheme | Term | None, form: str
) -> Response:
    """Return a concept, a scheme or, of None, both schemes in one of the forms."""
    if form not in SKOS:
        raise NotFoundError(marked("The taxonomy is not written as .%(form)s.", form=form))
    media_type, syntax = SKOS[form]
    base = address(request, "")
    if isinstance(what, Term):
        text = term_skos.write(terms, base=base, syntax=syntax, only=[what])
        page = f"{base}/{what.scheme}/{what.notation}"
    else:
        kept: Kept = request.app.state.term_files
        text = kept.skos(terms, form, base=base, scheme=what)
        page = f"{base}/{what or Scheme.TOPICS}"
    return Response(
        text,
        media_type=f"{media_type}; charset=utf-8",
        headers={"Link": f'<{page}>; rel="describes"; type="text/html"'},
    )
