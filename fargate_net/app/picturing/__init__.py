"""From a network to a picture of it, planned, live or saved. Never here: coordinates, a verdict of its own."""
