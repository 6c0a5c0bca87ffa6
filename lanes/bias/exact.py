"""Exact binomial tests, and the correction for asking many questions at once."""

from collections.abc import Sequence
from math import exp, fsum, lgamma, log

# Probabilities that differ by rounding only count as equal.
SLACK = 1e-7


def at_least(hits: int, trials: int, share: float) -> float:
    """The chance of so many hits or more, when each trial hits with this share."""
    if hits <= 0:
        return 1.0
    return min(1.0, fsum(_chance(k, trials, share) for k in range(hits, trials + 1)))


def two_sided(hits: int, trials: int, share: float) -> float:
    """The chance of a number of hits that is no more likely than this one."""
    bound = _chance(hits, trials, share) * (1 + SLACK)
    chances = (_chance(k, trials, share) for k in range(trials + 1))
    return min(1.0, fsum(chance for chance in chances if chance <= bound))


def _chance(hits: int, trials: int, share: float) -> float:
    if share <= 0.0 or share >= 1.0:
        return float(hits == (trials if share >= 1.0 else 0))
    ways = lgamma(trials + 1) - lgamma(hits + 1) - lgamma(trials - hits + 1)
    return exp(ways + hits * log(share) + (trials - hits) * log(1 - share))


def adjusted(chances: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg (1995): flagging what is at most q keeps the false share below q.

    Where nothing is wrong at all, q bounds the chance that anything is flagged.
    """
    order = sorted(range(len(chances)), key=lambda n: chances[n], reverse=True)
    found = [1.0] * len(chances)
    least = 1.0
    for rank, index in zip(range(len(chances), 0, -1), order, strict=True):
        least = min(least, chances[index] * len(chances) / rank)
        found[index] = least
    return found
