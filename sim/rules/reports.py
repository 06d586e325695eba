"""What is said about a raid, and what is believed of it."""


def claimed(true_loss, overclaim):
    """The attacker's claim: the true loss times a factor of exaggeration.

    Assumed: a claim grows with the loss, as both are known of a few raids only.
    """
    return true_loss * overclaim


def admitted(true_loss, underclaim):
    """The defender's admission: the true loss times the part that is owned up to.

    Assumed, as for a claim.
    """
    return true_loss * underclaim


def believed(true_loss, own_report, enemy_report, weights):
    """A belief as the weighted mean of the truth, one's own side's report and the enemy's.

    Source: stone1961 (the linear pool).
    """
    truth, own, enemy = weights
    total = truth + own + enemy
    return (truth * true_loss + own * own_report + enemy * enemy_report) / total
