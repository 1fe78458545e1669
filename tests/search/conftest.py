from pathlib import Path

import pytest

from kb.settings import DEFAULT_ENCODER
from search import weights
from search.encoder import Encoder


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    """Where the session's graphs are exported to, once."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def encoder(models) -> Encoder:
    """The real encoder."""
    return Encoder(weights.find(DEFAULT_ENCODER, models=models), models=models)
