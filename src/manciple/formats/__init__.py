"""Formats: the standards in which trading partners write, as such.

The rooms here know nothing of our orders or suppliers; they could be a distribution of their own.

    x12/    ANSI ASC X12: bytes to segments, envelope findings, 997 and TA1, and back to bytes
"""
