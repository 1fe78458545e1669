"""How much of what is planted in the judged texts is found, and how much of what is found is right.

    python -m benchmarks.identifiers [--misses]

Then the sample library: what is found in each story that truth.yaml does not name.
"""

import argparse
import time
from pathlib import Path

import yaml

from ingest.sandbox import Reader
from kb.identifiers import find
from kb.vocabulary import IdentifierKind
from tests.kb.judged_identifiers import Counted, count, judged_set

EXAMPLES = Path(__file__).parents[1] / "examples"
LANGUAGES = ("en", "fr", "es", "pt", "sw")
CHARACTERS = 4_000_000


def show(title: str, counted: Counted) -> None:
    """Print one table."""
    print(f"\n{title}\n{'':16} planted  recall     found  precision")
    for key in ("all", *LANGUAGES, *IdentifierKind):
        if counted.planted[key] or counted.said[key]:
            print(
                f"{key:16} {counted.planted[key]:7}  {counted.recall(key):6.3f}  "
                f"{counted.said[key]:8}  {counted.precision(key):9.3f}"
            )


def show_library() -> None:
    """Print what is found in the sample library, file by file."""
    truth = yaml.safe_load((EXAMPLES / "truth.yaml").read_text(encoding="utf-8"))
    planted = found_of = alarms = 0
    with Reader() as reader:
        for path in sorted((EXAMPLES / "library").iterdir()):
            said = truth[path.name]
            wanted = said["identifiers"]
            text = reader.read(path).markdown
            found = [i.text for i in find(text, language=said["language"])]
            false = [f for f in found if not any(w in f or f in w for w in wanted)]
            planted += len(wanted)
            found_of += sum(any(w in f or f in w for f in found) for w in wanted)
            alarms += len(false)
            if wanted or false:
                print(f"{path.name}: {len(wanted)} planted, {len(found)} found, false: {false}")
    print(f"{found_of} of {planted} found; {alarms} false alarms in {len(truth)} stories")


def show_speed() -> None:
    """Print how fast a long text is looked through, and a quarter of it: the time grows alike."""
    text = "\n".join(one.text for one in judged_set())
    for length in (CHARACTERS // 4, CHARACTERS):
        long = (text * (length // len(text) + 1))[:length]
        begun = time.process_time()
        find(long)
        took = time.process_time() - begun
        print(f"{length / 1e6:.0f} M characters: {length / took / 1e6:.2f} M a second of one core")


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="also print what is missed and wrong")
    asked = parser.parse_args()
    texts = judged_set()
    for title, some in (
        ("Held out", [t for t in texts if t.held_out]),
        ("All", texts),
    ):
        counted = count(some)
        bare = sum(not t.planted for t in some)
        show(f"{title}: {len(some)} texts, {bare} of them without identifiers", counted)
        if asked.misses:
            print("missed:", *counted.missed, "wrong:", *counted.wrong, sep="\n   ")
    print("\nSample library")
    show_library()
    print("\nSpeed")
    show_speed()


if __name__ == "__main__":
    main()
