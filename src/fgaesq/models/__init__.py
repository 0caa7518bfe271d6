"""Networks, their table of specs, and the reading, checking and fetching of weights."""
