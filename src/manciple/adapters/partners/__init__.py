"""Trading partners that somebody else wrote, run as processes of their own."""
