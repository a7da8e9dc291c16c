"""Processes: how one capability's event becomes another's act, and what outside systems are asked."""
