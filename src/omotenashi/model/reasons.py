"""Why a request or an event was not taken: closed lists, each counted and answered by its name."""

from enum import StrEnum


class Drop(StrEnum):
    """Why one event of a request was left out. The rest of the request is not harmed."""

    EVENT_TOO_LARGE = "event_too_large"
    TOO_DEEP = "too_deep"
    TOO_MANY_FIELDS = "too_many_fields"
    BAD_NAME = "bad_name"
    RESERVED_NAME = "reserved_name"
    BAD_FIELD = "bad_field"
    BAD_VALUE = "bad_value"
    BAD_ID = "bad_id"
    TOO_OLD = "too_old"
    BAD_TIME = "bad_time"
    DUPLICATE = "duplicate"
    UNKNOWN_RESERVATION = "unknown_reservation"
    LEASE_OVER = "lease_over"
    BAD_IDENTITY = "bad_identity"
    CONSENT = "consent"
    IGNORED = "ignored"


class Refusal(StrEnum):
    """Why a whole request was answered with an error; the value is the body's ``error.code``."""

    BAD_BODY = "bad_body"
    REQUEST_TOO_LARGE = "request_too_large"
    TOO_MANY_EVENTS = "too_many_events"
    UNKNOWN_KEY = "unknown_key"
    WRONG_KEY_KIND = "wrong_key_kind"
    ORIGIN_NOT_ALLOWED = "origin_not_allowed"
    BAD_VISITOR = "bad_visitor"
    RATE_LIMITED = "rate_limited"
    BUSY = "busy"
    STORAGE_FAILED = "storage_failed"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNAUTHORIZED = "unauthorized"
    INTERNAL = "internal"


class Ignored(StrEnum):
    """Whole requests that are answered as if taken, but leave no trace except a count."""

    OPTED_OUT = "opted_out"
    BOT = "bot"
    STAFF = "staff"


class Unopened(StrEnum):
    """Why the page gave a place back without showing anything: the first display condition that was not met, or a mishap."""

    LEFT = "left"  # the page view ended, though nothing else stood in the way
    EXPIRED = "expired"  # the lease ended likewise
    DELAY = "delay"
    SCROLL = "scroll"
    IDLE = "idle"
    VISIBLE = "visible"
    EXIT = "exit"
    RETURNING = "returning"
    MANUAL = "manual"
    REQUIRES = "requires"
    FORBIDS = "forbids"
    ANCHOR = "anchor"
    CONFLICT = "conflict"
    FAILED = "failed"
    WRONG_PAGE = "wrong_page"
    UNWRITTEN = "unwritten"  # said by the edge itself


class NotRecorded(StrEnum):
    """Why a visit is not recorded, or not any more."""

    OFF = "off"  # the project records nothing
    STOPPED = "stopped"  # the emergency stop
    NO_CONSENT = "no_consent"
    AUDIENCE = "audience"
    PAGE = "page"
    SAMPLE = "sample"
    TOO_LONG = "too_long"
    QUOTA = "quota"
    BOT = "bot"
    STAFF = "staff"
    OVER = "over"  # the visit has ended
    ERASED = "erased"  # what there is of this visit is being removed
