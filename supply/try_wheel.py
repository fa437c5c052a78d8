"""Builds the wheel, installs it alone and runs it: `try_wheel.py [PYTHON ...]`, with each of these interpreters, else with this one.

Alone means: an environment of its own outside the repository, with the locked runtime dependencies and nothing else, run in an
empty folder on a copy of the samples.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import check_lock
import locked

WHEELS = locked.ROOT / "build" / "wheel"
SOURCES = locked.ROOT / "src" / "fatcli"
PIP = ("-m", "pip", "--disable-pip-version-check")
# Each command with the exit code it is to end with; the sample month has faults, which is exit code 1.
RUNS: Sequence[tuple[int, Sequence[str]]] = (
    (0, ("--version",)),
    (0, ("init", "workspace")),
    (0, ("rules", "check")),
    (1, ("validate", "attendance.xlsx", "--as-of", "2024-06-03", "-o", "html", "-o", "annotated", "-o", "json")),
    (1, ("payout", "--month", "2024-05", "--as-of", "2024-06-03")),
    (0, ("ledger", "verify")),
)


def build(target: Path) -> Path:
    """Raises SystemExit where two builds differ: a wheel that can't be made again can't be checked by others."""
    digests = set()
    for _ in range(2):
        shutil.rmtree(target, ignore_errors=True)
        command = [sys.executable, *PIP, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", target, locked.ROOT]
        subprocess.run(command, check=True)
        [wheel] = target.glob("*.whl")
        digests.add(sha256(wheel.read_bytes()).hexdigest())
    if len(digests) > 1:
        sys.exit("two builds of the wheel differ")
    return wheel


def wrong_content(wheel: Path) -> Iterator[str]:
    """What of the program the wheel lacks, and what it holds that is not the program's."""
    with zipfile.ZipFile(wheel) as package:
        held = {name for name in package.namelist() if ".dist-info/" not in name}
    wanted = {f"fatcli/{path.relative_to(SOURCES).as_posix()}" for path in SOURCES.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    wanted.add("fatcli/rules.yaml")
    yield from (f"the wheel lacks {name}" for name in sorted(wanted - held))
    yield from (f"the wheel holds {name}, which is not of the program" for name in sorted(held - wanted))
    for kind in (".schema.json", ".js", ".css", ".html.j2"):
        if not any(name.endswith(kind) for name in held):
            yield f"the wheel holds no {kind} file"


def install(wheel: Path, python: str, folder: Path) -> Path:
    """A new environment with the locked runtime dependencies and the wheel; returns its scripts' folder."""
    subprocess.run([python, "-m", "venv", folder / "venv"], check=True)
    scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    requirements = folder / "requirements.txt"
    requirements.write_text("\n".join(pin.as_requirement() for pin in locked.runtime(locked.pins())) + "\n", encoding="utf-8")
    interpreter = scripts / "python"
    subprocess.run([interpreter, *PIP, "install", "--quiet", "--only-binary=:all:", *locked.HASHED, requirements], check=True)
    subprocess.run([interpreter, *PIP, "install", "--quiet", "--no-deps", wheel], check=True)
    subprocess.run([interpreter, *PIP, "check"], check=True, stdout=subprocess.DEVNULL)
    return scripts


def not_alone(scripts: Path) -> Iterator[str]:
    """What stands in the environment and is neither the program nor a locked runtime dependency of it."""
    listed = subprocess.run([scripts / "python", *PIP, "list", "--format=json"], check=True, capture_output=True)
    installed = {locked.canonical(each["name"]): each["version"] for each in json.loads(listed.stdout)}
    others = {name: version for name, version in installed.items() if name not in {locked.NAME, *check_lock.OF_VENV}}
    yield from check_lock.not_as_locked(locked.runtime(locked.pins()), others)


def smoke(scripts: Path, folder: Path) -> Iterator[str]:
    """Runs that end otherwise than told in RUNS, or write nothing."""
    place = folder / "month"
    shutil.copytree(locked.ROOT / "samples", place, ignore=shutil.ignore_patterns("*.py", "*.md", "clean", "out", "ledger.db*"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FAT_", "VIRTUAL_ENV"))}
    for code, arguments in RUNS:
        run = subprocess.run(
            [scripts / "fat", *arguments], cwd=place, env=clean, check=False, capture_output=True, stdin=subprocess.DEVNULL
        )
        if run.returncode != code:
            yield f"fat {' '.join(arguments)} ended with {run.returncode}, not {code}: {run.stderr.decode(errors='replace')[-2000:]}"
    written = {path.suffix for path in (place / "out").rglob("*") if path.is_file()}
    yield from (f"no {kind} file was written" for kind in (".xlsx", ".json", ".html") if kind not in written)


def try_in(python: str, wheel: Path) -> list[str]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        scripts = install(wheel, python, Path(name))
        return [*not_alone(scripts), *smoke(scripts, Path(name))]


def main() -> int:
    wheel = build(WHEELS)
    found = list(wrong_content(wheel))
    for python in sys.argv[1:] or [sys.executable]:
        version = subprocess.run(
            [python, "-c", "import platform; print(platform.python_version())"], check=True, capture_output=True, text=True
        )
        faults = try_in(python, wheel)
        found += [f"{version.stdout.strip()}: {fault}" for fault in faults]
        print(f"wheel: {wheel.name} alone under Python {version.stdout.strip()}: {'fails' if faults else f'{len(RUNS)} commands run'}")
    for line in found:
        print(f"wheel: {line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
