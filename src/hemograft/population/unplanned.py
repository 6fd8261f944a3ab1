"""Why an arm cannot be simulated."""


class Unplanned(Exception):
    """A reason in words; it becomes the refusal of one arm and stops nothing else."""
