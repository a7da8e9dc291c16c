"""Trading partners that somebody else wrote."""
