"""Test delivery: what one browser may see before everybody else, and until when."""

from msgspec import Struct

from .campaigns import Campaign
from .ids import ActionId, CampaignId, Instant


class Trial(Struct, frozen=True):
    """The campaigns and actions that are shown whoever the person is; with ``drafts`` every draft too.

    ``until`` is 0 for test people, who test as long as the project names them. ``fitting`` names the place where the page
    finds what its campaigns look like while they are written: it draws that, and is not handed what is in force of them.
    """

    drafts: bool = False
    campaigns: tuple[CampaignId, ...] = ()
    actions: tuple[ActionId, ...] = ()
    until: Instant = Instant(0)
    fitting: str = ""

    def shows(self, campaign: Campaign) -> bool:
        """Whether this campaign is shown regardless of audience, schedule, frequency, stop, cap and gap."""
        return (
            (self.drafts and campaign.draft)
            or campaign.id in self.campaigns
            or any(action.id in self.actions for action in campaign.actions)
        )


MEMBERSHIP = Trial(drafts=True)
"""What the project's test people see."""
