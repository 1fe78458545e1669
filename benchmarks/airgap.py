"""Install from a wheelhouse where there is no network, and go the whole way there.

python -m benchmarks.airgap [WHEELHOUSE]

`make wheelhouse` makes one. Prints how long the installation and the way took, and what was asked
of the network: nothing, or this ends with exit code 1.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests.torture.alone import Alone, missing

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "examples" / "library").glob("0[1-3]*"))


def main() -> None:
    """Install, ingest, search, curate, publish, back up and serve; say what was heard."""
    if why := missing():
        sys.exit(why)
    wheels = Path(sys.argv[1] if len(sys.argv) > 1 else "wheelhouse").resolve()
    if not (wheels / "requirements.txt").exists():
        sys.exit(f"{wheels} is no wheelhouse: `make wheelhouse` makes one.")
    with tempfile.TemporaryDirectory() as home:
        alone, environment = Alone(Path(home)), Path(home) / "environment"
        start = time.monotonic()
        alone.run(sys.executable, "-m", "venv", environment)
        python = environment / "bin" / "python"
        pip = (python, "-m", "pip", "install", "--quiet", "--no-index", "--require-hashes")
        alone.run(*pip, "--find-links", wheels, "-r", wheels / "requirements.txt", wall_s=1800)
        installed = time.monotonic()
        journey = Path(home) / "journey.py"
        journey.write_bytes((ROOT / "tests" / "torture" / "journey.py").read_bytes())
        alone.run(python, journey, Path(home) / "library", *FILES)
        heard, packets = alone.heard(), alone.packets()
    took = (
        f"installed in {installed - start:.0f} s, the way in {time.monotonic() - installed:.0f} s"
    )
    print(f"{took}; {len(heard)} questions to the network, {packets} packets")
    sys.exit("\n".join(heard) or bool(packets))


if __name__ == "__main__":
    main()
