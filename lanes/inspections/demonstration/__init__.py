"""The demonstration's stations, and trucks that stand at them in each state worth a look."""
