"""Makes the README's pictures from the sample month: the terminal as SVG, and the web page, photographed in Chromium, as PNG.

`make_pictures.py [--check]`; the terminal's picture is compared byte for byte, the page's depends on the machine's fonts.
"""

import datetime as dt
import io
import re
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from fatcli import intake, pipeline
from fatcli.model import Month
from fatcli.result import Paid
from fatcli.workspace import open_workspace
from fatcli.writers.html import report_page
from fatcli.writers.text import print_report

ROOT = Path(__file__).parents[1]
PICTURES = Path(__file__).with_name("pictures")
COLUMNS, LINES = 80, 46
SHOT = {"width": 1200, "height": 900}
THEME = TerminalTheme(
    (250, 250, 248),
    (32, 38, 46),
    [(32, 38, 46), (178, 34, 34), (30, 120, 60), (150, 95, 0), (30, 80, 160), (120, 50, 130), (0, 110, 120), (95, 105, 115)],
)


def sample_month() -> Paid:
    """What `fat payout --month 2024-05 --dry-run` gives on the samples."""
    workspace = open_workspace(ROOT / "samples", [], {})
    task = intake.Task(workspace, [], dt.date(2024, 6, 3), "sv")
    order = pipeline.Order(Month(2024, 5), dry_run=True)
    return pipeline.payout(task, order, Path(tempfile.gettempdir()) / "no-ledger.db", "", dt.datetime(2024, 6, 3, tzinfo=dt.UTC))


def terminal(paid: Paid) -> str:
    """The first lines of the terminal's report, as SVG that fetches no fonts."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor", highlight=False)
    print_report(paid, console)
    lines = console.export_text(styles=True).splitlines()
    short = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor", highlight=False)
    from rich.text import Text

    short.print(Text("$ fat payout --month 2024-05 --dry-run", style="bold"))
    for line in [*lines[:LINES], "…"]:
        short.print(Text.from_ansi(line))
    svg = short.export_svg(title="fat", theme=THEME, unique_id="fat")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace") + "\n"


def page(paid: Paid) -> bytes:
    """The top of the web page, in the light theme."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport=SHOT, color_scheme="light")
        file = Path(folder) / "report.html"
        file.write_bytes(report_page(paid))
        tab.goto(file.as_uri())
        picture: bytes = tab.screenshot()
        browser.close()
        return picture


def main() -> int:
    paid = sample_month()
    svg = PICTURES / "terminal.svg"
    if "--check" in sys.argv:
        same = svg.read_text(encoding="utf-8") == terminal(paid)
        print("" if same else f"{svg} is not what the program prints; run docs/make_pictures.py")
        return 0 if same else 1
    svg.write_text(terminal(paid), encoding="utf-8")
    (PICTURES / "report.png").write_bytes(page(paid))
    return 0


if __name__ == "__main__":
    sys.exit(main())
