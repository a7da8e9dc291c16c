"""Adapters: the ports made real, for databases, other systems and transports."""
