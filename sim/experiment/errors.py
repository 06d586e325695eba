"""What is wrong with an experiment that its file and its scenario cannot tell alone."""


class ExperimentError(ValueError):
    """An experiment that its scenario cannot answer; says why in one line."""
