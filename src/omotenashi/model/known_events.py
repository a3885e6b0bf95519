"""Names that mean something to Omotenashi, and the fields they are expected to have (``spec/events.md`` explains them)."""

from typing import Final, Literal

Kind = Literal["text", "number", "boolean"]

RESERVED: Final[dict[str, dict[str, Kind]]] = {
    "view": {"url": "text", "host": "text", "path": "text", "title": "text", "referrer": "text", "ad": "text"},
    "identify": {},
    "attribute": {},
    "consent": {"purpose": "text", "state": "text"},
    "_message_ready": {"campaign": "text", "action": "text", "reservation": "text"},
    "_message_suppressed": {"campaign": "text", "action": "text", "winner": "text"},
    "_message_open": {"reservation": "text"},
    "_message_click": {"reservation": "text", "name": "text", "url": "text"},
    "_message_close": {"reservation": "text", "by": "text"},
    "_message_state_changed": {"reservation": "text", "state": "text", "from": "text"},
    "_message_conflict": {"reservation": "text", "selector": "text", "share": "number", "message": "text"},
    "_answer_question": {"reservation": "text"},
    "_release": {"reservation": "text", "reason": "text"},
    "_error": {"message": "text", "stack": "text", "url": "text"},
    "_recheck": {},
    "_visibility": {},
    "_live_record_start": {"recording": "text"},
    "_rage_click": {"selector": "text", "clicks": "number"},
    "_dead_click": {"selector": "text"},
    "_quick_back": {"url": "text", "ms": "number"},
    "_form_abandon": {"form": "text", "fields": "number", "last": "text"},
    "_console_error": {"kind": "text", "name": "text", "file": "text", "line": "number"},
    "_request_failed": {"method": "text", "url": "text", "status": "number"},
    "_web_vitals": {"lcp": "number", "cls": "number", "inp": "number", "fcp": "number", "ttfb": "number"},
}
"""Made or understood by Omotenashi itself."""

CONVENTIONAL: Final[dict[str, dict[str, Kind]]] = {
    "signup": {},
    "cart": {"in_cart_price": "number"},
    "buy": {"transaction_id": "text", "revenue": "number"},
}
"""Ordinary events whose fields recipes and templates expect to be called so."""
EXPECTED: Final = {**RESERVED, **CONVENTIONAL}
