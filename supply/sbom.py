"""Writes the bill of materials of the installed program, in CycloneDX 1.6 as JSON: `sbom.py [FILE]`, else on stdout.

From lock and metadata alone, so the same lock gives the same bytes: it holds no time, and its serial number is that of its content.
"""

import json
import sys
import uuid
from pathlib import Path
from typing import Any

import licences
import locked
from fatcli import __version__
from locked import Pin

LIBRARY_PAGE = "https://pypi.org/project/{name}/{version}/"


def purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def component(pin: Pin) -> dict[str, Any]:
    """A package; its hashes are those of the files that the lock lets in, one of which is installed."""
    files = {"type": "distribution", "url": LIBRARY_PAGE.format(name=pin.name, version=pin.version)}
    return {
        "type": "library",
        "bom-ref": purl(pin.name, pin.version),
        "name": pin.name,
        "version": pin.version,
        "scope": "optional" if pin.marker else "required",
        "licenses": [{"license": {"id": licences.licence(pin.name)[0]}}],
        "purl": purl(pin.name, pin.version),
        "externalReferences": [files | {"hashes": [{"alg": "SHA-256", "content": each} for each in pin.hashes]}],
    }


def bill() -> dict[str, Any]:
    pins = locked.runtime(locked.pins())
    references = {locked.DIRECTLY: purl(locked.NAME, __version__)} | {pin.name: purl(pin.name, pin.version) for pin in pins}
    program = {"type": "application", "bom-ref": references[locked.DIRECTLY], "name": locked.NAME, "version": __version__}
    program |= {"licenses": [{"license": {"id": "MIT"}}], "purl": references[locked.DIRECTLY]}
    content = {
        "metadata": {"component": program},
        "components": [component(pin) for pin in pins],
        "dependencies": [
            {"ref": reference, "dependsOn": sorted(references[pin.name] for pin in pins if name in pin.wanted_by)}
            for name, reference in references.items()
        ],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(content, sort_keys=True))
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": serial.urn, "version": 1, **content}


def main() -> None:
    text = json.dumps(bill(), indent=2) + "\n"
    if len(sys.argv) > 1:
        target = Path(sys.argv[1])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
