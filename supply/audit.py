"""The audit that asks the network: vulnerable and withdrawn releases in the lock, and the bill of materials against its schema.

What can't be reached is told and fails nothing; what is found ends with exit code 1. Its tools are locked in `audit.lock`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import check_lock
import locked
import sbom

TOOLS = locked.ROOT / "build" / "audit"
TOOLS_LOCK = Path(__file__).with_name("audit.lock")
PYTHON = TOOLS / ("Scripts" if os.name == "nt" else "bin") / "python"
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(str(fault)[:500] if fault else 0)
"""


class NotReachableError(Exception):
    """Somebody who was to be asked doesn't answer."""


def run(*arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([PYTHON, *arguments], check=False, capture_output=True, encoding="utf-8", input=given)


def set_up() -> None:
    subprocess.run([sys.executable, "-m", "venv", TOOLS], check=True)
    done = run("-m", "pip", "install", "--quiet", "--disable-pip-version-check", *locked.HASHED, TOOLS_LOCK)
    if done.returncode:
        raise NotReachableError(f"the tools of the audit can't be installed: {last_line(done.stderr)}")


def vulnerable() -> Iterator[str]:
    """Releases of the lock with a known vulnerability, by pip-audit."""
    done = run("-m", "pip_audit", "--disable-pip", "--progress-spinner=off", "--format=json", *locked.HASHED, locked.LOCK)
    if not done.stdout.strip():
        raise NotReachableError(f"the list of vulnerabilities doesn't answer: {last_line(done.stderr)}")
    packages = json.loads(done.stdout)["dependencies"]
    judged = [each for each in packages if "vulns" in each]
    print(f"audit: {len(judged)} of {len(packages)} releases are judged by the list of vulnerabilities")
    for each in judged:
        for fault in each["vulns"]:
            yield f"{each['name']} {each['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no release'}"
    if not judged:
        raise NotReachableError("the list of vulnerabilities knows none of the packages")


def withdrawn() -> Iterator[str]:
    """Releases of the lock that their makers have withdrawn ("yanked"), by pip's report of what it would install."""
    report = TOOLS / "report.json"
    wanted = ("--dry-run", "--ignore-installed", "--report", report, *locked.HASHED, locked.LOCK)
    done = run("-m", "pip", "install", "--quiet", *wanted)
    if done.returncode:
        raise NotReachableError(f"the package index doesn't answer: {last_line(done.stderr)}")
    packages = json.loads(report.read_text(encoding="utf-8"))["install"]
    print(f"audit: {len(packages)} releases are asked for at the package index")
    for each in packages:
        if each["is_yanked"]:
            yield f"{each['metadata']['name']} {each['metadata']['version']} is withdrawn by its makers"


def invalid() -> Iterator[str]:
    """What the CycloneDX schema says against the bill of materials."""
    done = run("-c", VALIDATE, given=json.dumps(sbom.bill()))
    if done.returncode:
        yield f"the bill of materials is not valid: {done.stderr.strip()}"
    else:
        print("audit: the bill of materials is valid by the schema of CycloneDX 1.6")


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]


def main() -> int:
    found = list(check_lock.faults())
    try:
        set_up()
    except NotReachableError as reason:
        print(f"audit: NOT DONE: {reason}")
        return 1 if found else 0
    for check in (invalid, withdrawn, vulnerable):
        try:
            found += check()
        except NotReachableError as reason:
            print(f"audit: NOT DONE: {reason}")
    for line in found:
        print(f"audit: {line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
