"""What arrives at the dock."""
