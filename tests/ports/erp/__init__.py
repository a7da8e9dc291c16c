"""The ERP port's suite."""
