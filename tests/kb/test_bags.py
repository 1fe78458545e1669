"""A bag is as it was packed, or it is refused by the name of the file that is not."""

import io
import subprocess
import sys
import time
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import bags, lending
from kb.bags import BrokenBagError
from kb.errors import InvalidError, KBError, NotFoundError
from tests.hostile_bags import BAG, folder, hostile, listed, zipped


@pytest.mark.parametrize("name", hostile())
def test_a_hostile_bag_is_refused_and_leaves_nothing(name, tmp_path) -> None:
    make, said = hostile()[name]
    (tmp_path / "stick").mkdir()
    path = make(tmp_path / "stick")
    before = sorted(tmp_path.rglob("*"))
    started = time.process_time()
    with pytest.raises(KBError) as refused, bags.opened(path) as bag:
        list(lending.incoming(bag))
    assert said in str(refused.value)
    assert refused.value.hint
    assert time.process_time() - started < 2
    assert sorted(tmp_path.rglob("*")) == before


def test_what_others_pack_is_read_as_well(tmp_path) -> None:
    """Bags of version 0.97, without tags, stars before names, in a folder of a zip."""
    files = listed({**BAG, "bagit.txt": b"BagIt-Version: 0.97\n", "data/a b%0Ac.txt": b"x"})
    manifest = files["manifest-sha256.txt"].replace(b"  data", b" *data").replace(b"%0A", b"%250A")
    for path in (
        folder({**files, "manifest-sha256.txt": manifest}, tmp_path),
        zipped({**files, "manifest-sha256.txt": manifest}, tmp_path, top="some folder/"),
    ):
        with bags.opened(path) as bag:
            assert [one.record.title for one in lending.incoming(bag)] == ["a"]


def test_another_program_finds_our_bags_in_order(tmp_path) -> None:
    """sha256sum reads the manifest, and Payload-Oxum counts what is there."""
    with bags.packed(tmp_path / "a bag", {"Source-Organization": "Z"}) as bag:
        bag.write("a file.txt", "Türe\n")
        bag.add("files/x", io.BytesIO(b"\0" * 10))
    command = ["sha256sum", "--check", "--strict", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
    subprocess.run(command, cwd=tmp_path / "a bag", check=True, stdout=subprocess.DEVNULL)
    info = (tmp_path / "a bag" / "bag-info.txt").read_text()
    assert "Payload-Oxum: 16.2\n" in info
    assert sys.byteorder  # the zip below is the same on any machine
    with bags.packed(tmp_path / "a.zip", {}) as bag:
        bag.write("a.txt", "a")
    (tmp_path / "b").mkdir()
    with bags.packed(tmp_path / "b" / "a.zip", {}) as bag:
        bag.write("a.txt", "a")
    one, other = ((tmp_path / name).read_bytes() for name in ("a.zip", "b/a.zip"))
    assert one == other


def test_a_bag_stands_there_whole_or_not_at_all(tmp_path) -> None:
    for name in ("bag", "bag.zip"):
        with pytest.raises(ZeroDivisionError), bags.packed(tmp_path / name, {}) as bag:
            bag.write("a.txt", str(1 // 0))
    assert not list(tmp_path.iterdir())
    with pytest.raises(BrokenBagError), bags.packed(tmp_path / "bag", {}) as bag:
        bag.write("../evil", "x")
    with pytest.raises(NotFoundError):
        bags.opened(tmp_path / "bag").__enter__()
    (tmp_path / "bag").mkdir()
    with pytest.raises(InvalidError, match="is there already"):
        bags.packed(tmp_path / "bag", {}).__enter__()


LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\:")
NAMES = st.text(LETTERS, min_size=1, max_size=30).filter(lambda name: name not in {".", ".."})


@settings(max_examples=40)
@given(
    st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(), max_size=4),
    st.booleans(),
)
def test_whatever_is_packed_is_read_again(tmp_path_factory, files, as_zip) -> None:
    names = sorted(files)
    if any(b.startswith(f"{a}/") for a in names for b in names):
        return  # a file is no folder
    path = tmp_path_factory.mktemp("bag") / ("b.zip" if as_zip else "b")
    with bags.packed(path, {"Title": "a\nb"}) as bag:
        for name, content in files.items():
            assert bag.add(name, io.BytesIO(content)) == sha256(content).hexdigest()
    with bags.opened(path) as bag:
        read = {}
        for name in bag.payload():
            with bag.open(name) as file:
                read[name.removeprefix("data/")] = file.read()
        assert (read, bag.info["Title"]) == (files, "a b")
