"""Handlers for the configurations beside this folder."""


def setup(account: object) -> None:
    """Register nothing."""


async def setup_later(account: object) -> None:
    """Be what a newcomer may write by mistake."""


GREETING = "hello"
