"""A scheduled run: every workbook in an inbox judged, accepted and rejected apart, and booked if asked."""

from fatcli.batch.inbox import open_inbox
from fatcli.batch.journal import Entry
from fatcli.batch.records import Outcome
from fatcli.batch.run import Batch, run_batch
from fatcli.batch.summary import summary_document, summary_text

__all__ = ["Batch", "Entry", "Outcome", "open_inbox", "run_batch", "summary_document", "summary_text"]
