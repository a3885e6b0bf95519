"""The way out: requests to addresses that strangers named, which never reach what is inside."""
