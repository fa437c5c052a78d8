"""Follow-up reports as text, page, workbook, csv and JSON."""

from fatcli.writers.figures.book import figures_book
from fatcli.writers.figures.machine import figures_csv, figures_json, table_files
from fatcli.writers.figures.page import figures_page
from fatcli.writers.figures.text import print_figures

__all__ = ["figures_book", "figures_csv", "figures_json", "figures_page", "print_figures", "table_files"]
