"""Holds branch coverage to its floors: 95 % in all, 100 % where the money is. Argument: coverage's JSON report."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import Any

TOTAL = 95.0
FULL = ("claims", "ledger", "facts")  # modules or packages of fatcli


def is_full(file: str) -> bool:
    module = PurePath(file.replace("\\", "/")).relative_to("src/fatcli").parts[0]
    return module.removesuffix(".py") in FULL


def shortfalls(report: Mapping[str, Any]) -> Iterable[str]:
    total = report["totals"]["percent_covered"]
    if total < TOTAL:
        yield f"in all {total:.1f} %, wanted {TOTAL:.0f} %"
    for file, figures in report["files"].items():
        if is_full(file) and figures["summary"]["percent_covered"] < 100:
            lines = [*figures["missing_lines"], *(f"{start}->{end}" for start, end in figures["missing_branches"])]
            yield f"{file}: {figures['summary']['percent_covered']:.1f} %, wanted 100 %; missing: {', '.join(map(str, lines))}"


def main() -> int:
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if not report["meta"]["branch_coverage"]:
        print("coverage was measured without branches")
        return 1
    found = list(shortfalls(report))
    print(
        "\n".join(f"coverage: {line}" for line in found) or f"coverage: {report['totals']['percent_covered']:.1f} % of lines and branches"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
