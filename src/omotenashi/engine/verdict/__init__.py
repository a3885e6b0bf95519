"""What a campaign's numbers allow one to say, however often one looks: `docs/reference/statistics.md` has the method."""
