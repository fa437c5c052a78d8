"""Why this krona: a placement, a day, a month, a cell or a claim, followed through from cell to money and back."""

from fatcli.explain.case import Case
from fatcli.explain.cell import Address, explain_cell, parse_address
from fatcli.explain.claim import explain_claim, is_claim_number
from fatcli.explain.placement import explain_placement

__all__ = ["Address", "Case", "explain_cell", "explain_claim", "explain_placement", "is_claim_number", "parse_address"]
