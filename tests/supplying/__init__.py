"""What suppliers say about orders."""
