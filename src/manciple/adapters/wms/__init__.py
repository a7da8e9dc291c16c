"""The warehouse port made real: a small warehouse system of its own, and the adapter to it."""
