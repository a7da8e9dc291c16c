"""Files in and out, with a crash at every step."""
