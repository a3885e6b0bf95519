"""Who is meant: signatures of members, and visitor ids that the edge makes itself.

A made id is an HMAC, so that a retry gets the same one and nobody can guess it.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final

from omotenashi.model.ids import ProjectId, UserId, VisitorId

USER_ID_LIMIT: Final = 256
is_visitor_id = re.compile(r"[A-Za-z0-9_-]{22,64}").fullmatch
"""128 bits at least: 22 characters of base64url."""
is_id = re.compile(r"[A-Za-z0-9_.:/-]{1,128}").fullmatch
"""Ids of events, page views and batches."""


def _made(secret: bytes, *parts: str) -> VisitorId:
    digest = hmac.digest(secret, "\n".join(parts).encode(), "sha256")
    return VisitorId(urlsafe_b64encode(digest)[:22].decode())


def second_visitor(secret: bytes, project: ProjectId, visitor: VisitorId, user_id: UserId) -> VisitorId:
    """The id that a browser takes when a second member identifies on it."""
    return _made(secret, "second", project, visitor, user_id)


def made_visitor(secret: bytes, project: ProjectId, user_id: UserId) -> VisitorId:
    """The id of a member that only servers have spoken of yet."""
    return _made(secret, "made", project, user_id)


def signature(identity_secret: str, user_id: str) -> str:
    """What the site's server puts beside ``user_id``: HMAC-SHA256 with the project's identity secret, in hex."""
    return hmac.new(identity_secret.encode(), user_id.encode(), "sha256").hexdigest()


def is_signed(identity_secret: str, user_id: str, given: object) -> bool:
    """Whether the signature is that of this member. Takes the same time for every wrong one."""
    return isinstance(given, str) and hmac.compare_digest(signature(identity_secret, user_id).encode(), given.lower().encode())
