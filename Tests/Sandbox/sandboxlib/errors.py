"""The one error that reaches the person at the terminal."""


class SandboxError(Exception):
    """What happened, to what, why, and what to do next; printed without a traceback."""
