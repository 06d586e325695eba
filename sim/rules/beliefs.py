"""Beliefs: how large a loss is foreseen, how surprising it is, and who will win."""

import numpy as np

_LN10 = np.log(10.0)


def foresight_prior(mean_loss, raids):
    """Gamma(a, b) on the rate of an exponential loss: a = raids + 1, b = raids * mean_loss.

    The predicted loss of the next raid has a Lomax distribution with mean b / (a - 1) = mean_loss.
    Source: gelman2013.
    """
    return raids + 1.0, raids * mean_loss


def foresight_after(a, b, loss):
    """The foresight (a, b) after one more raid: (a + 1, b + loss). Source: gelman2013."""
    return a + 1.0, b + loss


def surprise(a, b, loss):
    """S = -log10 P(loss' >= loss) = a log10(1 + loss / b) under the predicted (Lomax) distribution.

    If losses follow that distribution, S ~ Exp(ln 10). Source: shannon1948 (the information in a
    tail event, in decimal digits).
    """
    return a * np.log1p(loss / b) / _LN10


def p_no_larger(a, b, loss):
    """P(loss' <= loss) = 1 - (b / (b + loss))^a as predicted: the rank of a raid's result."""
    return -np.expm1(-a * np.log1p(loss / b))


def p_win(prior, confidence, good, bad):
    """Mean of a Beta belief after weighted good and bad outcomes.

    (prior * n + good) / (n + good + bad), n the confidence. Source: slantchev2003, gelman2013.
    """
    return (prior * confidence + good) / (confidence + good + bad)


def foreseen(a, b):
    """The predicted mean loss of the next raid, b / (a - 1). Source: gelman2013."""
    return b / (a - 1.0)


def shifted(p, k):
    """A share whose odds are multiplied by e^k: p e^k / (p e^k + 1 - p). Source: skaperdas1996."""
    odds = p * np.exp(np.clip(k, -700.0, 700.0))
    return odds / (odds + (1.0 - p))


def still_to_come(prior, p, k):
    """The part of a shift k in log odds that remains after a belief has moved from `prior` to p.

    A move in the direction of k counts as taken in, up to the whole of k; a move in the other
    direction takes nothing in. So no shift is counted twice. Assumed: the rule is this project's
    own.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.log(p / (1.0 - p)) - np.log(prior / (1.0 - prior))
    moved = np.where(np.isnan(moved), 0.0, moved)
    return k - np.clip(moved, np.minimum(k, 0.0), np.maximum(k, 0.0))
