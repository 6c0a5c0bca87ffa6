"""The environment of the running installation."""


def load_environment() -> None:
    """Placeholder until the supervisor writes one."""
