"""Stories in the words of the trade, through real doors."""
