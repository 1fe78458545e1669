"""Confidences are checked against what proved right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.calibration import Weights, calibration_error, reliability, scale
from kb.vocabulary import Scheme


def test_the_error_of_a_worked_example():
    # two bins: 0.9 sure and half right, 0.25 sure and a quarter right
    sure = [0.9, 0.9, 0.25, 0.25, 0.25, 0.25]
    right = [True, False, True, False, False, False]
    assert calibration_error(sure, right) == pytest.approx(0.4 * 2 / 6)


def test_bins_say_how_many_there_were():
    assert [b.of for b in reliability([0.05, 0.07, 1.0], [False, True, True])] == [2, 1]


def test_without_suggestions_there_is_no_error():
    assert calibration_error([], []) == 0


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_the_error_is_a_share(pairs):
    sure, right = zip(*pairs, strict=True)
    assert 0 <= calibration_error(sure, right) <= 1


def test_reasons_are_weighed_and_corrected():
    weights = Weights({"a": 2.0, "b": -1.0}, intercept=0.5, slope=2.0, offset=1.0)
    odds = weights.log_odds({"a": np.array([1.0, 0.0]), "b": np.array([0.0, 1.0])})
    assert odds.tolist() == [6.0, 0.0]


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize("meaning", [True, False])
def test_without_decided_records_only_the_document_counts(scheme, meaning):
    fitted = scale(scheme, meaning=meaning)
    alone, beside = np.array([0.0, 1.0]), np.array([5.0, -5.0])
    assert fitted.mixed(alone, beside, records=0) == pytest.approx(1 / (1 + np.exp(-alone)))
    many = fitted.mixed(alone, beside, records=10**9)
    assert many == pytest.approx(1 / (1 + np.exp(-beside)))


@pytest.mark.parametrize("scheme", Scheme)
def test_weights_without_an_encoder_ask_for_no_meaning(scheme):
    by_words = scale(scheme, meaning=False).alone.by_reason
    assert set(by_words) < set(scale(scheme, meaning=True).alone.by_reason)
