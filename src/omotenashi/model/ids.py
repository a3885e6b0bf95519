"""Names of things, so that a visitor can never be passed where a campaign is expected."""

from typing import NewType

ProjectId = NewType("ProjectId", str)
VisitorId = NewType("VisitorId", str)
"""A browser, as its tag names it: 128 random bits, base64url, 22 characters."""
UserId = NewType("UserId", str)
"""A member, as the site names them."""
PersonId = NewType("PersonId", str)
"""A profile's own name: the first visitor id it was known by. Unique within a project."""
EventId = NewType("EventId", str)
SessionId = NewType("SessionId", str)
PageViewId = NewType("PageViewId", str)
SegmentId = NewType("SegmentId", str)
CampaignId = NewType("CampaignId", str)
ActionId = NewType("ActionId", str)
"""Short and stable, such as ``d1K``; unique within a project; the holdout arm has one too."""
StatisticId = NewType("StatisticId", str)
ReservationId = NewType("ReservationId", str)

Instant = NewType("Instant", int)
"""Milliseconds since 1970-01-01T00:00:00Z."""
Day = NewType("Day", int)
"""A calendar day in the project's time zone, as the proleptic ordinal of ``datetime.date``."""
