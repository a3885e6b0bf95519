"""What staff leave at a recording: that they looked at it, what they noted, how they labelled it."""

from msgspec import Struct

from .ids import Instant


class Viewing(Struct, frozen=True):
    """``staff`` looked at ``recording`` at ``at``; ``name`` is what they were called then."""

    id: str
    recording: str
    staff: str
    name: str
    at: Instant


class Note(Struct, frozen=True):
    """A few words at one moment of a recording: ``place`` is ms from its beginning, ``author`` the id of the member of staff."""

    id: str
    recording: str
    place: int
    text: str
    author: str
    author_name: str
    written_at: Instant
