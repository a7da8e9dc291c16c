"""The finance port made real: a small finance system of its own, and the adapter to it."""
