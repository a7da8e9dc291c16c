"""Alembic's entry: runs the steps on the connection that `migrating.migrate` hands over."""

from alembic import context

from manciple.adapters.sql.schema import TABLES


def ours(_: object, name: str | None, kind: str, __: object, ___: object) -> bool:
    """Leave the durable engine's tables alone."""
    return kind != "table" or name in TABLES.tables


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=TABLES,
    include_object=ours,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
