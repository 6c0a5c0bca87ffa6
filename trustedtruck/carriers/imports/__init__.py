"""Reading fleets from files: pure of any writing, row by row."""
