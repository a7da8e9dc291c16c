"""One suite for each port, run against everything that stands behind it."""
