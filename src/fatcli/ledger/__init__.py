"""The books: one SQLite file, append-only, with a hash chain over runs."""

from fatcli.ledger.entries import ITEMS, Booking, RunKind
from fatcli.ledger.reading import Entry
from fatcli.ledger.store import HeadMoved, Ledger
from fatcli.ledger.verify import Finding

__all__ = ["ITEMS", "Booking", "Entry", "Finding", "HeadMoved", "Ledger", "RunKind"]
