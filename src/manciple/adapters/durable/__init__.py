"""Drains, timers and the sealer as a process that runs for ever, under DBOS or on bare threads.

workflow    the drain as a durable workflow; DBOS's own settings and tables
wakes       from "these lanes got work" to at most one waiting drain a lane; the idle poll
takeover    PostgreSQL: who is alive, and whose work must be taken over
threads     the same drains at once, on this process's threads; the engine has what is left
chores      timers, sealing and retention, once in a while
worker      all of it as one thing that starts and stops
migrating   the whole migration: our tables, then the engine's
"""
