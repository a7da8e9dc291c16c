"""The HTTP API: contract, rights and errors, against a whole small installation."""
