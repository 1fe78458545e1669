import pytest

from kb.content import Place, Section, Tag
from kb.vocabulary import Level, SectionRole, TagStatus, Verdict
from search.broaden import FEW, MOST
from search.filters import Filters, Scope
from search.query import search

TOPIC, BELOW = "small-and-sick-newborn-care", "kangaroo-mother-care"


@pytest.fixture
def ask(reading, indexed, bag):
    def answer(question, **how):
        index = indexed(bag)
        with reading() as session:
            return search(session, index, question, facets=True, **how)

    return answer


@pytest.fixture
def about(make_record):
    """Make a record about a word, with a confirmed topic."""

    def make(word, *, topic="anaemia-in-pregnancy", **changes) -> int:
        return make_record(
            title=f"About {word}",
            summary=f"We saw {word}.",
            sections=(Section(role=SectionRole.RESULTS, body=f"More {word}."),),
            change_ideas=(),
            tags=(Tag(notation=topic, status=TagStatus.CONFIRMED),),
            **changes,
        )

    return make


def offers(results) -> list[tuple[str, str, int]]:
    return [(one.field, one.value, one.count) for one in results.broaden]


def test_with_enough_found_nothing_wider_is_offered(about, ask) -> None:
    for _ in range(FEW):
        about("diesel", level=Level.DISTRICT)
    about("diesel", level=Level.FACILITY)
    assert ask("diesel", filters=Filters(levels=(Level.DISTRICT,))).broaden == ()


def test_each_filter_can_be_left_out_with_the_number_that_gives(about, ask) -> None:
    kenya, uganda = (Place(country="KEN"),), (Place(country="UGA"),)
    about("diesel", level=Level.DISTRICT, places=kenya)
    about("diesel", level=Level.DISTRICT, places=uganda)
    about("diesel", level=Level.DISTRICT, places=uganda)
    about("diesel", level=Level.FACILITY, places=kenya)
    about("poster", level=Level.FACILITY, places=kenya)  # does not answer the question
    filters = Filters(levels=(Level.DISTRICT,), countries=("KEN",))
    results = ask("diesel", filters=filters)
    assert results.total == 1
    assert offers(results) == [("countries", "", 3), ("levels", "", 2), ("", "", 4)]
    for wider in results.broaden:
        assert ask("diesel", filters=wider.filters).total == wider.count
        assert wider.asked


def test_what_finds_no_more_is_not_offered(about, ask) -> None:
    about("diesel", level=Level.DISTRICT, verdict=Verdict.WORKED)
    assert ask("diesel", filters=Filters(verdicts=(Verdict.WORKED,))).broaden == ()


def test_a_chosen_topic_can_be_widened(about, ask) -> None:
    about("diesel", topic=BELOW)
    about("poster", topic="neonatal-resuscitation")
    for _ in range(2):
        about("song", topic=TOPIC)
    results = ask("", filters=Filters(topics=(BELOW,)))
    assert ("topics", TOPIC, 3) in offers(results)
    wider = next(one for one in results.broaden if one.value == TOPIC)
    assert wider.filters == Filters(topics=(TOPIC,))
    assert ask("", filters=wider.filters).total == 3


def test_what_the_question_is_about_is_offered_in_its_place(about, ask) -> None:
    about("diesel", topic=BELOW)
    for _ in range(3):
        about("poster", topic=TOPIC)
    results = ask('kangaroo mother care "diesel"')
    assert results.total == 1
    [wider] = results.broaden
    assert (wider.field, wider.value, wider.count, wider.asked) == ("topics", TOPIC, 4, False)


def test_what_the_public_may_not_see_is_not_counted(about, ask, make_record) -> None:
    about("diesel", level=Level.DISTRICT)
    make_record(title="About diesel", level=Level.FACILITY, publish=False)
    filters = Filters(levels=(Level.DISTRICT,))
    assert ask("diesel", filters=filters).broaden == ()
    assert offers(ask("diesel", filters=filters, scope=Scope.ALL)) == [("levels", "", 2)]


def test_only_a_few_are_offered(about, ask) -> None:
    about("diesel", level=Level.DISTRICT, verdict=Verdict.WORKED, language="fr", topic=BELOW)
    for change in (
        {"level": Level.FACILITY},
        {"verdict": Verdict.HARMED},
        {"language": "en"},
        {"topic": TOPIC},
    ):
        same = {"level": Level.DISTRICT, "verdict": Verdict.WORKED, "language": "fr"}
        about("diesel", **{"topic": BELOW, **same, **change})
    filters = Filters(
        levels=(Level.DISTRICT,), verdicts=(Verdict.WORKED,), languages=("fr",), topics=(BELOW,)
    )
    results = ask("diesel", filters=filters)
    assert len(results.broaden) == MOST
    assert offers(results)[-1] == ("", "", 5)
