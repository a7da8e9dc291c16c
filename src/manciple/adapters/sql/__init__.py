"""SQLite and PostgreSQL behind the runtime's Protocols.

engine       opening a database; a transaction as plain statements
types        times and exact decimals as whole numbers
schema       the tables; `records` maps append-only record types onto tables of their own
reading      what a command's transaction reads; `writing` what its commit writes
bus          commands as transactions, tried again when they lose a race
deliveries   claims, leases, breaker and bucket; timers; dead letters; retention
intake       group commit at the door
sealer       the global sequence and its Merkle roots; `audit` checks all of history
migrating    Alembic's migrations, and the lock file of a SQLite database
"""
