"""The ERP port made real: adapters for ERPs, and the reference ERP that the demo and tests use."""
