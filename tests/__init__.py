"""What the program promises, in sentences; each folder mirrors one of `src/manciple`."""
