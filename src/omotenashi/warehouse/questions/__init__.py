"""One question, one file; its SQL beside it."""

from importlib.resources import files


def sql(question: str) -> str:
    """The SQL of a question, by the name of its file."""
    return (files(__name__) / f"{question}.sql").read_text("utf-8")
