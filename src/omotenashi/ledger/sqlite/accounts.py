"""Accounts of staff with their grants, sessions, second factors, one-time links and API tokens."""

from collections.abc import Sequence
from typing import Any

import msgspec

from omotenashi.model.ids import Instant
from omotenashi.model.staff import Account, Extra, Grant, Link, Right, Session, Token

from .staff import StaffFile

_ACCOUNT = "SELECT id, mail, name, language, theme, password, totp_secret, totp_step, made_at, seen_at FROM staff"
PUT_ACCOUNT = """
INSERT INTO staff (id, mail, name, language, theme, password, totp_secret, totp_step, made_at, seen_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (id) DO UPDATE SET mail = excluded.mail, name = excluded.name, language = excluded.language,
  theme = excluded.theme, password = excluded.password, totp_secret = excluded.totp_secret, totp_step = excluded.totp_step
"""
ACCOUNT = f"{_ACCOUNT} WHERE id = ?1"
ACCOUNT_OF_MAIL = f"{_ACCOUNT} WHERE mail = ?1"
ACCOUNTS = f"{_ACCOUNT} ORDER BY made_at, id"
ANYBODY = "SELECT 1 FROM staff LIMIT 1"
# A code of a time step counts once, also when two requests carry it at the same moment.
TAKE_STEP = "UPDATE staff SET totp_step = ?2 WHERE id = ?1 AND totp_step < ?2 RETURNING id"
SAW_ACCOUNT = "UPDATE staff SET seen_at = max(seen_at, ?2) WHERE id = ?1"
DROP_ACCOUNT = "DELETE FROM staff WHERE id = ?1"

PUT_GRANT = """
INSERT INTO grants (staff, project, role, extra) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (staff, project) DO UPDATE SET role = excluded.role, extra = excluded.extra
"""
GRANTS = "SELECT project, role, extra FROM grants WHERE staff = ?1 ORDER BY project"
DROP_GRANT = "DELETE FROM grants WHERE staff = ?1 AND project = ?2"
DROP_GRANTS = "DELETE FROM grants WHERE staff = ?1"

PUT_CODE = "INSERT OR IGNORE INTO recovery_codes (staff, hash) VALUES (?1, ?2)"
TAKE_CODE = "DELETE FROM recovery_codes WHERE staff = ?1 AND hash = ?2 RETURNING hash"
COUNT_CODES = "SELECT count(*) FROM recovery_codes WHERE staff = ?1"
DROP_CODES = "DELETE FROM recovery_codes WHERE staff = ?1"

_SESSION = "SELECT hash, id, staff, how, device, address, made_at, seen_at FROM sessions"
PUT_SESSION = """
INSERT INTO sessions (hash, id, staff, how, device, address, made_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
"""
SESSION = f"{_SESSION} WHERE hash = ?1"
SESSIONS = f"{_SESSION} WHERE staff = ?1 ORDER BY seen_at DESC, id"
SAW_SESSION = "UPDATE sessions SET seen_at = ?2, address = ?3 WHERE hash = ?1"
DROP_SESSION = "DELETE FROM sessions WHERE staff = ?1 AND id = ?2 RETURNING id"
# All of a member's, except the one they are using; the exception may be "".
DROP_SESSIONS = "DELETE FROM sessions WHERE staff = ?1 AND hash <> ?2 RETURNING id"
DROP_OLD_SESSIONS = "DELETE FROM sessions WHERE made_at < ?1 OR seen_at < ?2"

_LINK = "SELECT hash, id, kind, staff, mail, project, role, extra, made_by, made_at, expires_at FROM links"
PUT_LINK = """
INSERT INTO links (hash, id, kind, staff, mail, project, role, extra, made_by, made_at, expires_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
"""
LINK = f"{_LINK} WHERE hash = ?1"
INVITATIONS = f"{_LINK} WHERE kind = 'invitation' AND project = ?1 ORDER BY made_at DESC, id"
# A link works once: whoever removes it has used it.
TAKE_LINK = "DELETE FROM links WHERE hash = ?1 RETURNING hash"
DROP_INVITATION = "DELETE FROM links WHERE kind = 'invitation' AND project = ?1 AND id = ?2 RETURNING id"
DROP_LINKS = "DELETE FROM links WHERE kind = ?1 AND staff = ?2"
DROP_OLD_LINKS = "DELETE FROM links WHERE expires_at < ?1"

_TOKEN = "SELECT hash, id, project, name, scopes, made_by, made_at, seen_at, expires_at FROM tokens"
PUT_TOKEN = """
INSERT INTO tokens (hash, id, project, name, scopes, made_by, made_at, seen_at, expires_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
"""
TOKEN = f"{_TOKEN} WHERE hash = ?1"
TOKENS = f"{_TOKEN} WHERE project = ?1 ORDER BY made_at DESC, id"
SAW_TOKEN = "UPDATE tokens SET seen_at = ?2 WHERE hash = ?1"
DROP_TOKEN = "DELETE FROM tokens WHERE project = ?1 AND id = ?2 RETURNING id"

_decode_extra = msgspec.json.Decoder(tuple[Extra, ...]).decode
_decode_scopes = msgspec.json.Decoder(tuple[Right, ...]).decode


class Accounts:
    """Who works here. Each method is one transaction, on disk on return. Implements the console's ``staff.ports.Accounts``."""

    def __init__(self, file: StaffFile) -> None:
        self._file = file

    # Members

    def anybody(self) -> bool:
        """Whether there is any account."""
        return bool(self._file.ask(ANYBODY))

    def account(self, staff: str) -> Account | None:
        return _account(self._file.ask(ACCOUNT, staff))

    def account_of_mail(self, mail: str) -> Account | None:
        """``mail`` as it is compared: in lower case."""
        return _account(self._file.ask(ACCOUNT_OF_MAIL, mail))

    def accounts(self) -> list[Account]:
        """All of them, the oldest first."""
        return [Account(*row) for row in self._file.ask(ACCOUNTS)]

    def put_account(self, account: Account) -> None:
        """Write an account, new or changed; when it was made and last seen does not change."""
        self._file.write(PUT_ACCOUNT, *msgspec.structs.astuple(account))

    def put_first_account(self, account: Account, grant: Grant, link: str) -> bool:
        """Use up the setup ``link`` for the very first account; False when it was used, or there is an account already."""
        with self._file.writing():
            if self.anybody() or not self._file.ask(TAKE_LINK, link):
                return False
            self.put_account(account)
            self.put_grant(account.id, grant)
        return True

    def put_invited(self, account: Account, grant: Grant, link: str) -> bool:
        """Use up an invitation ``link`` for an account, new or known; False when it was used already."""
        with self._file.writing():
            if not self._file.ask(TAKE_LINK, link):
                return False
            self.put_account(account)
            self.put_grant(account.id, grant)
        return True

    def take_step(self, staff: str, step: int) -> bool:
        """Use up the second factor's code of a time step; False when it, or a later one, was used."""
        return bool(self._file.write(TAKE_STEP, staff, step))

    def drop_account(self, staff: str) -> None:
        """Remove somebody with all that lets them in."""
        with self._file.writing():
            for sql in (DROP_ACCOUNT, DROP_GRANTS, DROP_CODES):
                self._file.ask(sql, staff)
            self._file.ask(DROP_SESSIONS, staff, "")
            self._file.ask(DROP_LINKS, "sign_in", staff)

    # What they may do

    def grants(self, staff: str) -> list[Grant]:
        return [Grant(project, role, _decode_extra(extra)) for project, role, extra in self._file.ask(GRANTS, staff)]

    def put_grant(self, staff: str, grant: Grant) -> None:
        self._file.write(PUT_GRANT, staff, grant.project, grant.role, _json(grant.extra))

    def drop_grant(self, staff: str, project: str) -> None:
        self._file.write(DROP_GRANT, staff, project)

    # Recovery codes

    def put_codes(self, staff: str, hashes: Sequence[str]) -> None:
        """These are the codes from now on; those before are none any more."""
        with self._file.writing():
            self._file.ask(DROP_CODES, staff)
            for code in hashes:
                self._file.ask(PUT_CODE, staff, code)

    def take_code(self, staff: str, code: str) -> bool:
        """Use up a recovery code, by its hash; False when it is none."""
        return bool(self._file.write(TAKE_CODE, staff, code))

    def codes(self, staff: str) -> int:
        """How many recovery codes are left."""
        return int(self._file.ask(COUNT_CODES, staff)[0][0])

    # Sessions

    def put_session(self, session: Session, *, kept_since: Instant, seen_since: Instant) -> None:
        """Begin a session; those that are over (begun or last seen before these instants) go."""
        with self._file.writing():
            self._file.ask(DROP_OLD_SESSIONS, kept_since, seen_since)
            self._file.ask(PUT_SESSION, *msgspec.structs.astuple(session))
            self._file.ask(SAW_ACCOUNT, session.staff, session.made_at)

    def session(self, hash: str) -> Session | None:
        rows = self._file.ask(SESSION, hash)
        return Session(*rows[0]) if rows else None

    def sessions(self, staff: str) -> list[Session]:
        """The most recently used first."""
        return [Session(*row) for row in self._file.ask(SESSIONS, staff)]

    def saw_session(self, session: Session, at: Instant, address: str) -> None:
        with self._file.writing():
            self._file.ask(SAW_SESSION, session.hash, at, address)
            self._file.ask(SAW_ACCOUNT, session.staff, at)

    def drop_session(self, staff: str, session: str) -> bool:
        """End one session of theirs, by its id; False when there is none."""
        return bool(self._file.write(DROP_SESSION, staff, session))

    def drop_sessions(self, staff: str, keep: str = "") -> int:
        """End all sessions of theirs but the one of the hash ``keep``; how many."""
        return len(self._file.write(DROP_SESSIONS, staff, keep))

    # Links

    def put_link(self, link: Link) -> None:
        """Keep a link; a setup or sign-in link takes the place of those before it."""
        row = msgspec.structs.astuple(msgspec.structs.replace(link, extra=()))
        with self._file.writing():
            self._file.ask(DROP_OLD_LINKS, link.made_at)
            if link.kind != "invitation":
                self._file.ask(DROP_LINKS, link.kind, link.staff)
            self._file.ask(PUT_LINK, *row[:7], _json(link.extra), *row[8:])

    def link(self, hash: str) -> Link | None:
        rows = self._file.ask(LINK, hash)
        return _link(rows[0]) if rows else None

    def take_link(self, hash: str) -> bool:
        """Use up a link; False when it was used already."""
        return bool(self._file.write(TAKE_LINK, hash))

    def invitations(self, project: str) -> list[Link]:
        """Those not taken up yet, the newest first."""
        return [_link(row) for row in self._file.ask(INVITATIONS, project)]

    def drop_invitation(self, project: str, link: str) -> bool:
        """Take an invitation back, by its id; False when there is none."""
        return bool(self._file.write(DROP_INVITATION, project, link))

    # Tokens

    def put_token(self, token: Token) -> None:
        row = msgspec.structs.astuple(msgspec.structs.replace(token, scopes=()))
        self._file.write(PUT_TOKEN, *row[:4], _json(token.scopes), *row[5:])

    def token(self, hash: str) -> Token | None:
        rows = self._file.ask(TOKEN, hash)
        return _token(rows[0]) if rows else None

    def tokens(self, project: str) -> list[Token]:
        """The newest first."""
        return [_token(row) for row in self._file.ask(TOKENS, project)]

    def saw_token(self, hash: str, at: Instant) -> None:
        self._file.write(SAW_TOKEN, hash, at)

    def drop_token(self, project: str, token: str) -> bool:
        """End a token, by its id; False when there is none."""
        return bool(self._file.write(DROP_TOKEN, project, token))


def _account(rows: list[tuple[Any, ...]]) -> Account | None:
    return Account(*rows[0]) if rows else None


def _link(row: tuple[Any, ...]) -> Link:
    values: list[Any] = [*row]
    values[7] = _decode_extra(row[7])
    return Link(*values)


def _token(row: tuple[Any, ...]) -> Token:
    values: list[Any] = [*row]
    values[4] = _decode_scopes(row[4])
    return Token(*values)


def _json(words: Sequence[str]) -> str:
    return msgspec.json.encode(list(words)).decode()
