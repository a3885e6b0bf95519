"""Pages that are hard to record, and the site that serves them; the demo shop is on it, too."""
