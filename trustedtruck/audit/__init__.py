"""Who did what: events chained by their hashes, and the sentences that tell them."""
