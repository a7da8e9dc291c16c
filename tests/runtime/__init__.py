"""The runtime: applying, drains, history, and death."""
