"""Talks between sides that do not know each other's reservation: one offers, the other answers."""

from typing import NamedTuple

import numpy as np

from sim.raid.arrays import Bools, Floats
from sim.rules import bargaining, screening
from sim.war.agents.estimate import Estimate
from sim.war.agents.negotiator import Negotiator
from sim.war.agents.seats import answer_of


class Party(NamedTuple):
    """One side of the bargaining, over runs."""

    negotiator: Negotiator
    estimate: Estimate
    least: Floats  # utility of a package that it accepts, beside what stands offered
    standing: Floats  # what stands offered to it
    saliences: Floats  # (R, issues)
    patience: Floats  # what the wait for another offer leaves of a surplus


def screen(offers: Party, answers: Party, rounds: Floats, met: Bools) -> tuple[Floats, Floats]:
    """Offers of a meeting, one after the other; both learn from those that are refused.

    Returns the utility that whoever answers gets and the time of the deal, from 0 to 1 of the
    rounds; infinite where none is struck. No offer is made where even the most modest that is
    thought possible leaves nothing.
    """
    last = int(rounds.max(initial=1.0))
    demand, keeps = screening.demands(last, offers.patience, answers.patience)
    most = bargaining.most_left(offers.least, answers.saliences, offers.saliences)
    has_floor = met & (offers.least <= 1.0)
    agreed_at = np.full(len(rounds), np.inf)
    utility = np.full(len(rounds), np.nan)
    for left in range(last, 0, -1):
        low, high = (
            bound - answers.standing for bound in (offers.estimate.low, offers.estimate.high)
        )
        speaks = has_floor & (left <= rounds) & np.isinf(agreed_at) & (most - low > 0.0)
        offer = screening.offered(most, low, high, demand[left - 1])
        following = demand[left - 2] if left > 1 else np.zeros_like(most)
        bound = screening.gives_way(most, high, offer, following, keeps[left - 1], answers.patience)
        willing = answer_of(answers.negotiator, "accepts_package", offer + answers.standing)
        accepts = speaks & willing & (answers.least <= bound + 1e-12)
        agreed_at = np.where(accepts, (rounds - left + 1.0) / rounds, agreed_at)
        utility = np.where(accepts, offer, utility)
        refused = speaks & ~accepts
        kept = bargaining.most_left(offer, offers.saliences, answers.saliences)
        answers.estimate.hear_offer(kept + offers.standing, refused)
        offers.estimate.hear_refusal(bound + answers.standing, refused)
    return utility, agreed_at


def asked_of_a_line(
    party: Party, other: Party, rounds: Floats, bounds: tuple[Floats, Floats]
) -> Floats:
    """By how much a line must be better than fighting on for a party whose answer is read.

    What a yes gives away is by how much less it may expect of the next offer of the other's, which
    tells after a yes and after a no from each other. `bounds` are the highest reservations that
    gain by the line, the party's own and the other's, as both know them; rounds are of a meeting.
    """
    demand, _ = screening.demands(int(rounds.max(initial=1.0)), other.patience, party.patience)
    first = np.take_along_axis(demand, rounds.astype(np.int64)[None] - 1, axis=0)[0]
    thought = party.estimate
    most_low, most_high = (
        bargaining.most_left(end - other.standing, party.saliences, other.saliences)
        for end in (thought.high, thought.low)
    )
    hoped = []
    for stops in (True, False):
        low, high = (end - party.standing for end in other.estimate.after_answer(bounds[0], stops))
        hoped.append(screening.expected_gain(party.least, low, high, first, most_low, most_high))
    after_yes, after_no = hoped
    given_away = party.patience * (after_no - after_yes)
    return screening.asked_of_a_line(
        given_away, screening.p_below(thought.low, thought.high, bounds[1])
    )
