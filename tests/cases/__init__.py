"""Things gone wrong."""
