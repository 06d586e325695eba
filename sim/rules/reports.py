"""What is said about a raid, and what is believed of it."""


def claimed(true_loss, overclaim):
    """The attacker's claim: the true loss times a factor of exaggeration.

    Assumed: a claim is proportional to the loss, because both are known only for a few raids.
    """
    return true_loss * overclaim


def admitted(true_loss, underclaim):
    """The defender's admission: the true loss times the part that is admitted.

    Assumed, as for a claim.
    """
    return true_loss * underclaim


def believed(true_loss, own_report, enemy_report, weights):
    """A belief: the weighted mean of the truth, the own side's report and the enemy's report.

    Source: stone1961 (the linear pool).
    """
    truth, own, enemy = weights
    total = truth + own + enemy
    return (truth * true_loss + own * own_report + enemy * enemy_report) / total
