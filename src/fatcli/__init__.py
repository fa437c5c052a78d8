"""fat: attendance workbooks in, rule violations and compensation claims out."""

__version__ = "0.1.0"
