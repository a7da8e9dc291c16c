"""From a need to a requisition with lines, prices and reasons."""
