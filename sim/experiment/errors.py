"""What may go wrong when a question is answered, with a message of one line each."""

from sim.scenario.errors import ExperimentError as ExperimentError
from sim.scenario.errors import one_line


class WorkerError(RuntimeError):
    """Workers that cannot be started or used, or that die repeatedly; the message is one line."""


class SettingsError(RuntimeError):
    """Settings of the user's that stop a library from working; one line names them and says why."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))
