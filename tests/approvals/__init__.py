"""Who must say yes, and what follows when they do, do not, or are not there."""
