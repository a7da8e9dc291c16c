"""Processes: one event leads to the next act; outside systems are asked through ports."""
