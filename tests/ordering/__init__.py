"""Orders and the order-line ledger."""
