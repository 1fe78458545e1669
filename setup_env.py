"""Make `.venv` with all that Maktaba needs; needs only Python itself. Run it as often as you like.

python3 setup_env.py              to run the library (extra `semantic`)
python3 setup_env.py dev          to work on it (extra `dev`)
python3 setup_env.py ""           without search by meaning, without torch
python3 setup_env.py wheelhouse   to gather all that is installed for a computer without a network
"""

import os
import shutil
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
WHEELHOUSE = ROOT / "wheelhouse"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
STAMP = ENVIRONMENT / "installed.txt"
TORCH = "2.13.0"
LEAST = (3, 11)


def main(extra: str) -> None:
    """Install the extra unless exactly that, or more, is installed already."""
    if sys.version_info < LEAST:
        sys.exit(f"Maktaba needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    wanted = stamp()
    installed = STAMP.read_text(encoding="utf-8").split() if STAMP.exists() else []
    if installed[:1] == [wanted] and (not extra or extra in installed or "dev" in installed):
        return
    if not has_pip():  # there is none yet, or an earlier set-up was interrupted
        print("Making .venv …", flush=True)
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
    if extra:
        install_torch()
    print("Installing Maktaba …", flush=True)
    pip("-e", f".[{extra}]" if extra else ".")
    STAMP.write_text(" ".join([wanted, extra, "semantic" if extra else ""]), encoding="utf-8")


def has_pip() -> bool:
    """Tell whether `.venv` is there and pip works in it."""
    python = BIN / "python"
    command = [str(python), "-m", "pip", "--version"]
    return (
        python.exists() and not subprocess.run(command, check=False, capture_output=True).returncode
    )


def stamp() -> str:
    """Return a digest of what decides which packages are installed."""
    files = (ROOT / "pyproject.toml", ROOT / "constraints.txt")
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def install_torch() -> None:
    """Install the CPU build where there is one: 200 MB instead of gigabytes for a graphics card."""
    print("Installing torch, the largest part …", flush=True)
    plain = (f"torch=={TORCH}",)
    tries = [plain]
    if sys.platform == "linux":  # elsewhere the ordinary wheel is the CPU build
        cpu = f"torch=={TORCH}+cpu"
        index = os.environ.get("KB_TORCH_CPU_INDEX")
        named = ("--retries", "0", "--timeout", "10", "--extra-index-url", index or "", cpu)
        tries = [(cpu,), *([named] if index else []), plain]
    for arguments in tries[:-1]:
        if pip(*arguments, needed=False):
            return
    pip(*tries[-1])


def pip(*arguments: str, needed: bool = True) -> bool:
    """Run pip under constraints.txt; tell whether it worked, or stop if it was needed."""
    command = [str(BIN / "python"), "-m", "pip", "install", "--quiet"]
    command += ["--disable-pip-version-check", "-c", "constraints.txt", *arguments]
    quiet = None if needed else subprocess.DEVNULL
    done = subprocess.run(command, cwd=ROOT, check=False, stderr=quiet)
    if done.returncode and needed:
        sys.exit(
            "pip could not install all that is needed; its message stands above. "
            "Check the network or the package mirror, then run the same command again."
        )
    return done.returncode == 0


def wheelhouse() -> None:
    """Gather the wheels of all that is installed, and a list that names each by its sha256."""
    shutil.rmtree(WHEELHOUSE, ignore_errors=True)
    WHEELHOUSE.mkdir()
    freeze = [str(BIN / "python"), "-m", "pip", "freeze", "--all", "--exclude-editable"]
    freeze += ["--exclude", "pip"]
    told = subprocess.run(freeze, check=True, capture_output=True, text=True).stdout
    installed = WHEELHOUSE / "installed.txt"
    installed.write_text(told, encoding="utf-8")
    index = os.environ.get("KB_TORCH_CPU_INDEX")
    more = ("--extra-index-url", index) if index else ()
    pip_wheel("--requirement", str(installed), *more)
    pip_wheel(".")
    installed.unlink()
    lines = []
    for wheel in sorted(WHEELHOUSE.glob("*.whl")):
        name, version, *_ = wheel.stem.split("-")
        digest = sha256(wheel.read_bytes()).hexdigest()
        lines.append(f"{name}=={version} --hash=sha256:{digest}\n")
    (WHEELHOUSE / "requirements.txt").write_text("".join(lines), encoding="utf-8")
    size = sum(wheel.stat().st_size for wheel in WHEELHOUSE.glob("*.whl"))
    print(f"{len(lines)} wheels, {size / 1e6:.0f} MB, in {WHEELHOUSE}.")


def pip_wheel(*arguments: str) -> None:
    """Put wheels into the wheelhouse, without what they need in turn; stop if that fails."""
    command = [str(BIN / "python"), "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--wheel-dir", str(WHEELHOUSE), *arguments]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit("pip could not get all wheels; its message stands above.")


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else "semantic"
    if asked == "wheelhouse":
        wheelhouse()
    else:
        main(asked)
