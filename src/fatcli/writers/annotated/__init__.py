"""A workbook's copy in which each faulty cell is coloured and has a note, with a first sheet that lists and links them.

The workbook's own package is changed, so that all it has stays: formats, formulas with their values, pictures, charts, macros.
"""

from fatcli.writers.annotated.book import AnnotatedCopy, annotated_copy, is_as_written, of_file

__all__ = ["AnnotatedCopy", "annotated_copy", "is_as_written", "of_file"]
