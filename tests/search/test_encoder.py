import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

import search.encoder
from kb.errors import NotReadyError
from kb.settings import DEFAULT_ENCODER, Settings
from search import weights
from search.encoder import FEW, QUANTISED, Encoder, export, find_encoder, load, normalise

pytestmark = pytest.mark.no_library

TEXTS = [
    "Babies stay on the chest for an hour.",
    "",
    "Le bébé est posé sur la poitrine dès la naissance. " * 40,
    "oxytocin",
]
MANY = TEXTS * (FEW // len(TEXTS) + 1)  # so many that sentence-transformers does them


@pytest.fixture(scope="session")
def exact(models) -> Encoder:
    return Encoder(weights.find(DEFAULT_ENCODER, models=models), models=models, bf16=False)


def test_a_question_is_nearer_to_its_answer_than_to_another_text(encoder) -> None:
    question = encoder.encode_query("How do we keep newborn babies warm?")
    answer, other = encoder.encode(
        ["A cold infant is dried and held against the skin.", "The generator needs diesel."]
    )
    assert question @ answer > question @ other + 0.2


def test_the_graph_and_sentence_transformers_agree(exact) -> None:
    by_graph = exact.encode(TEXTS)
    by_torch = exact.encode(MANY)[: len(TEXTS)]
    assert np.abs(by_graph - by_torch).max() < 1e-5


def test_bf16_vectors_are_nearly_those_of_fp32(encoder, exact, models) -> None:
    cast = Encoder(encoder.weights, models=models, bf16=True)
    assert (cast.encode(MANY) * exact.encode(MANY)).sum(axis=1).min() > 0.999


def test_exporting_leaves_no_dropout_behind(exact) -> None:
    model = load(exact.weights.folder)
    before = model.encode(TEXTS)
    export(model)
    assert not any(module.training for module in model.modules())
    np.testing.assert_array_equal(model.encode(TEXTS), before)


def test_many_texts_come_back_in_their_order(exact) -> None:
    texts = [f"number {i} " * (i % 7 + 1) for i in range(100)]
    seen = []
    vectors = exact.encode(texts, progress=lambda done, total: seen.append((done, total)))
    np.testing.assert_allclose(vectors[41], exact.encode_query(texts[41]), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert seen == [(64, 100), (100, 100)]


def test_a_question_does_not_wait_until_many_texts_are_encoded(exact) -> None:
    exact.prepare()
    answered = []

    def ask(_done: int, _total: int) -> None:
        asking = Thread(target=lambda: answered.append(exact.encode_query("Who waits?")))
        asking.start()
        asking.join(20)  # where it waits, it waits for this
        assert answered

    exact.encode(MANY, progress=ask)


def test_no_text_makes_no_vector(encoder) -> None:
    assert len(encoder.encode([])) == 0


def test_eight_bit_questions_are_close_to_exact_ones(encoder, models) -> None:
    short = Encoder(encoder.weights, models=models, query_int8=True)
    for text in TEXTS:
        assert short.encode_query(text) @ encoder.encode_query(text) > 0.97


def test_two_who_need_a_graph_at_once_make_it_once(encoder, tmp_path, monkeypatch) -> None:
    encoder.prepare()
    graphs = tmp_path / encoder.digest
    graphs.mkdir()
    (graphs / "query.onnx").symlink_to(encoder.graphs / "query.onnx")
    made: list[Path] = []
    quantise = search.encoder.quantise
    monkeypatch.setattr(
        search.encoder, "quantise", lambda full: made.append(full) or quantise(full)
    )
    each = [Encoder(encoder.weights, models=tmp_path, query_int8=True) for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(Encoder.prepare, each))
    assert made == [graphs / "query.onnx"]
    files = {"query.onnx", QUANTISED}
    files |= {f"{name}.sha256" for name in files}
    assert {path.name for path in graphs.iterdir()} == {*files, "making.lock"}


def test_a_damaged_graph_is_made_anew_and_never_asked(
    encoder, models, tmp_path, monkeypatch, caplog
) -> None:
    good = Encoder(encoder.weights, models=models, query_int8=True)
    expected = good.encode_query("a cold baby")
    graphs = tmp_path / encoder.digest
    graphs.mkdir()
    (graphs / "query.onnx").symlink_to(encoder.graphs / "query.onnx")
    content = (good.graphs / QUANTISED).read_bytes()
    monkeypatch.setattr(search.encoder, "quantise", lambda _full: content)
    Encoder(encoder.weights, models=tmp_path, query_int8=True).prepare()
    graph = graphs / QUANTISED
    for tenth in range(10):
        at = len(content) * tenth // 10
        for damaged in (content[:at], content[:at] + bytes([content[at] ^ 8]) + content[at + 1 :]):
            graph.write_bytes(damaged)
            caplog.clear()
            asked = Encoder(encoder.weights, models=tmp_path, query_int8=True)
            np.testing.assert_array_equal(asked.encode_query("a cold baby"), expected)
            assert "is damaged, and is made anew" in caplog.text
            assert graph.read_bytes() == content


def test_a_graph_of_before_digests_is_believed_once(encoder, tmp_path) -> None:
    graphs = tmp_path / encoder.digest
    graphs.mkdir()
    shutil.copy(encoder.graphs / "query.onnx", graphs)
    assert weights.is_whole(graphs / "query.onnx")
    with (graphs / "query.onnx").open("ab") as graph:
        graph.write(b"x")
    assert not weights.is_whole(graphs / "query.onnx")


def test_weights_that_were_damaged_without_a_trace_are_not_read(tmp_path, monkeypatch) -> None:
    file = tmp_path / "model" / "model.safetensors"
    file.parent.mkdir()
    file.write_bytes(b"weights")
    found, times = weights.find(str(file.parent), models=tmp_path), file.stat()
    file.write_bytes(b"weighty")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert weights.find(str(file.parent), models=tmp_path) == found  # it seems not to have changed
    monkeypatch.setattr(search.encoder, "load", pytest.fail)
    with pytest.raises(NotReadyError, match=r"model\.safetensors is damaged"):
        Encoder(found, models=tmp_path).prepare()


def test_questions_are_encoded_without_torch(encoder) -> None:
    encoder.prepare()
    code = f"""
import sys
from pathlib import Path
from search.encoder import Encoder
from search.weights import Weights
found = Weights(Path({str(encoder.weights.folder)!r}), {encoder.digest!r})
encoder = Encoder(found, models=Path({str(encoder.graphs.parent)!r}))
assert encoder.encode_query("oxytocin").shape == (384,)
assert not {{"torch", "transformers", "sentence_transformers"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_changed_weights_are_refused(tmp_path, monkeypatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.setattr(weights, "packaged", lambda: tmp_path)
    with pytest.raises(NotReadyError, match="are not those of"):
        weights.find(DEFAULT_ENCODER, models=tmp_path)


def test_a_digest_is_computed_again_when_the_file_changes(tmp_path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"one")
    first = weights.find(str(tmp_path), models=tmp_path / "models")
    assert weights.find(str(tmp_path), models=tmp_path / "models") == first
    file.write_bytes(b"another")
    assert weights.find(str(tmp_path), models=tmp_path / "models") != first


@pytest.mark.parametrize("said", ["", "[]", '{"half'])
def test_remembered_digests_that_cannot_be_read_are_computed_again(tmp_path, said) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"one")
    first = weights.find(str(tmp_path), models=tmp_path / "models")
    (tmp_path / "models" / "digests.json").write_text(said)
    assert weights.find(str(tmp_path), models=tmp_path / "models") == first
    assert first.digest in (tmp_path / "models" / "digests.json").read_text()


def test_weights_are_found_where_nothing_can_be_written(tmp_path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"one")
    (tmp_path / "no folder").touch()
    found = weights.find(str(tmp_path), models=tmp_path / "no folder" / "models")
    assert found.digest == sha256(b"one").hexdigest()


def test_a_folder_without_weights_says_what_it_lacks(tmp_path) -> None:
    with pytest.raises(NotReadyError, match=r"model\.safetensors"):
        weights.find(str(tmp_path), models=tmp_path)


@pytest.mark.parametrize("module", ["", "2_Dense"])
def test_a_pickle_which_may_hold_a_program_is_not_loaded(tmp_path, module) -> None:
    (tmp_path / module).mkdir(exist_ok=True)
    pickled = tmp_path / module / "pytorch_model.bin"
    (tmp_path / "model.safetensors").write_bytes(b"one")
    pickled.with_name("model.safetensors").write_bytes(b"one")
    pickled.write_bytes(b"the same, for who cannot read the other")
    weights.find(str(tmp_path), models=tmp_path)
    pickled.with_name("model.safetensors").unlink()
    with pytest.raises(NotReadyError, match=r"pytorch_model\.bin is a pickle") as error:
        weights.find(str(tmp_path), models=tmp_path)
    assert "safetensors" in error.value.hint


def test_of_the_hub_one_state_is_taken_and_only_what_it_takes(tmp_path, monkeypatch) -> None:
    asked = []

    def hub(model, *, revision, allow_patterns, local_files_only=False) -> str:
        asked.append((model, revision, local_files_only))
        if local_files_only:
            raise LocalEntryNotFoundError("not here")
        there = ("model.safetensors", "1_Pooling/config.json", "onnx/model.onnx", "tf_model.h5")
        for name in there:
            if any(fnmatch(name, pattern) for pattern in allow_patterns):
                (tmp_path / name).parent.mkdir(exist_ok=True)
                (tmp_path / name).write_bytes(b"{}")
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", hub)
    found = weights.find("ours/model@70e21ab", models=tmp_path / "models")
    assert asked == [("ours/model", "70e21ab", True), ("ours/model", "70e21ab", False)]
    weights.find("ours/model", models=tmp_path / "models")
    assert asked[-1] == ("ours/model", None, False)
    kept = {str(path.relative_to(tmp_path)) for path in found.folder.rglob("*.*")}
    assert kept == {"model.safetensors", "1_Pooling/config.json", "models/digests.json"}


def test_a_model_that_is_nowhere_says_what_to_do(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(NotReadyError, match="not on this disk") as error:
        weights.find("nobody/no-such-model", models=tmp_path)
    assert "KB_ENCODER" in error.value.hint


def test_a_library_may_do_without_an_encoder(tmp_path, monkeypatch) -> None:
    assert find_encoder(Settings(data=tmp_path, semantic=False)) is None
    monkeypatch.setattr(weights, "packaged", lambda: None)
    assert find_encoder(Settings(data=tmp_path)) is None
    with pytest.raises(NotReadyError):
        find_encoder(Settings(data=tmp_path, encoder=str(tmp_path)))


def test_a_vector_without_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="no direction"):
        normalise(np.zeros((1, 3)))


def test_the_library_that_runs_the_graph_keeps_and_sends_nothing_of_this_computer(tmp_path) -> None:
    environment = {name: value for name, value in os.environ.items() if "TELEMETRY" not in name}
    subprocess.run(
        [sys.executable, "-c", "import search.encoder, onnxruntime"],
        check=True,
        env=environment | {"HOME": str(tmp_path), "XDG_CACHE_HOME": ""},
        cwd=Path(__file__).parents[2],
    )
    assert list(tmp_path.rglob("*")) == []
