"""Cohen's kappa against a worked example and a second implementation, and blind readings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from kb import agreement, records
from kb.agreement import Counts, kappa
from kb.content import Tag
from kb.errors import ConflictError, InvalidError
from kb.people import operator
from kb.vocabulary import Scheme, TagStatus

CELLS = st.integers(0, 40)


def test_the_worked_example() -> None:
    """Fifty proposals, two readers: 20 yes-yes, 5, 10, 15 no-no; 0.7 agree, 0.5 by chance.

    Source: the example of https://en.wikipedia.org/wiki/Cohen%27s_kappa
    """
    assert kappa(Counts(20, 5, 10, 15)) == pytest.approx(0.4)


@given(CELLS, CELLS, CELLS, CELLS)
def test_another_implementation_says_the_same(both, first, second, neither) -> None:
    counts = Counts(both, first, second, neither)
    ours = kappa(counts)
    if ours is None:
        return
    one = [1] * (both + first) + [0] * (second + neither)
    other = [1] * both + [0] * first + [1] * second + [0] * neither
    assert ours == pytest.approx(cohen_kappa_score(one, other, labels=[0, 1]))


def test_where_nobody_differs_at_all_kappa_says_nothing() -> None:
    assert kappa(Counts(0, 0, 0, 9)) is None
    assert kappa(Counts(0, 0, 0, 0)) is None
    assert kappa(Counts(4, 0, 0, 6)) == 1


def test_the_interval_leaves_out_each_record_once() -> None:
    per_record = [Counts(2, 1, 0, 7), Counts(1, 0, 1, 8), Counts(3, 0, 0, 7), Counts(1, 2, 0, 7)]
    assert agreement.agreement(per_record).low is None  # four records: it would pretend
    per_record.append(Counts(2, 0, 1, 7))
    found = agreement.agreement(per_record)
    whole = Counts(9, 3, 2, 36)
    assert (found.counts, found.kappa) == (whole, kappa(whole))
    without = []
    for left_out in range(5):
        rest = [one for n, one in enumerate(per_record) if n != left_out]
        without.append(kappa(Counts(*(sum(column) for column in zip(*rest, strict=True)))))
    mean = sum(without) / 5
    error = (4 / 5 * sum((one - mean) ** 2 for one in without)) ** 0.5
    assert found.low == pytest.approx(found.kappa - 1.96 * error)
    assert found.high == pytest.approx(found.kappa + 1.96 * error)


@pytest.fixture
def read(session, story):
    """A published record whose topic Amina confirmed."""
    tag = Tag(notation="breastfeeding", status=TagStatus.CONFIRMED, confirmed_by="amina")
    record = records.create(session, story.model_copy(update={"tags": (tag,)}), by="ingest")
    records.publish(session, record.id, by="amina")
    return record.id


def test_somebody_else_reads_it_once(session, read) -> None:
    amina, juma = operator("amina"), operator("juma")
    assert agreement.to_read(session, amina) == []
    assert agreement.to_read(session, juma) == [read]
    agreement.keep(session, read, ["breastfeeding", "skin-to-skin-contact"], juma)
    assert agreement.to_read(session, juma) == []
    among = {Scheme.TOPICS: ["breastfeeding", "skin-to-skin-contact", "anaemia"]}
    found = agreement.measured(session, juma, among)[Scheme.TOPICS]
    assert found.counts == Counts(1, 0, 1, 1)
    for again in (amina, juma):
        with pytest.raises(ConflictError, match="blind"):
            agreement.keep(session, read, ["breastfeeding"], again)


def test_a_reading_names_concepts_that_there_are(session, read) -> None:
    with pytest.raises(InvalidError, match="Nothing was chosen"):
        agreement.keep(session, read, [], operator("juma"))
    with pytest.raises(InvalidError, match="no concept"):
        agreement.keep(session, read, ["no-such"], operator("juma"))
