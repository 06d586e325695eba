"""What is wrong with a question, in one line."""

from sim.scenario.load import one_line


class ExperimentError(ValueError):
    """A question that cannot be asked or answered; says why in one line, whatever it quotes."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))
