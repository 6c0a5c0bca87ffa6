"""Who can prove it: credentials, keys, status lists, the lane bundle."""
