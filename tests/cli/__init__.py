"""The command line, against a server on the loopback address and on a home of its own."""
