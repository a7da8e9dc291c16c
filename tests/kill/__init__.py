"""The product under kill -9, in short; the long form is in tests/soak."""
