"""Follow-up reports: the figures that the sources follow up by, from the register and the books."""

from collections.abc import Callable, Mapping

from fatcli.figures import Figures
from fatcli.followup.compensation import compensation
from fatcli.followup.coverage import coverage
from fatcli.followup.data import Data, Days
from fatcli.followup.flow import flow
from fatcli.followup.followup_ita import followup_ita
from fatcli.followup.hours import hours
from fatcli.followup.outcomes import outcomes
from fatcli.followup.participants import participants
from fatcli.followup.stays import stays

__all__ = ["BUILDERS", "MONEY", "Data", "days_of"]

BUILDERS: Mapping[str, Callable[[Data], Figures]] = {
    "compensation": compensation,
    "flow": flow,
    "stays": stays,
    "hours": hours,
    "outcomes": outcomes,
    "participants": participants,
    "coverage": coverage,
    "followup-ita": followup_ita,
}
MONEY = ("compensation", "followup-ita")  # the reports that tell of money, for which everything is judged


def days_of(name: str, data: Data) -> Days | None:
    """The days that a report's figures are about; None: there are no data."""
    return data.money_days if name == "compensation" else data.days
