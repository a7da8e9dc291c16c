"""What touches the world outside: databases, the durable engine, ERPs, partners' channels.

memory     the whole store in memory, for tests and for trying things out
sql        SQLite and PostgreSQL through SQLAlchemy Core
mail       letters over SMTP
link_keys  the keys that sign links
durable    the drains, timers and the sealer under DBOS
"""
