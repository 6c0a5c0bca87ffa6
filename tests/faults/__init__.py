"""The fault campaign: a whole installation, a simulated gate, faults from a seed, and a checker.

`python -m tests.faults --seed 1 --seconds 60` (or `make faults`). It breaks only what it started.
"""
