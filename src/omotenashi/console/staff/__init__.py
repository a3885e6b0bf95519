"""Those who work here: accounts, passwords, second factors, sessions, invitations, tokens, OpenID Connect, the audit log."""
