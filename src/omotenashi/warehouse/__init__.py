"""Questions about many people, over an archive of every entry. May be a second stale; never on the path of an answer."""
