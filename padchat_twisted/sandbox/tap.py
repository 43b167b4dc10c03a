"""``twistd padchat-sandbox``: the sandbox gateway as a daemon."""

from __future__ import annotations

from pathlib import Path

from twisted.application.service import IService
from twisted.python.usage import Options as TwistedOptions
from twisted.python.usage import UsageError

from .faults.chaos import Chaos, duration
from .faults.library import UnknownScenario
from .faults.scenario import ScenarioMistakes
from .service import DEFAULT_PORT, SandboxService, SandboxStateError, port_number

__all__ = ["Options", "makeService"]


class Options(TwistedOptions):
    """The command line of ``twistd padchat-sandbox``."""

    synopsis = "[options]"
    longdesc = "A PadChat gateway with a pretend WeChat behind it, to develop bots."
    optFlags = [  # noqa: RUF012 - Twisted's spelling
        ["scan", None, "Scan and confirm QR codes by themselves."],
    ]
    optParameters = [  # noqa: RUF012 - Twisted's spelling
        ["host", None, "127.0.0.1", "Address to listen on."],
        ["port", None, DEFAULT_PORT, "TCP port, 0 for a free one.", port_number],
        ["state", None, None, "File that keeps tokens, people and rooms."],
        ["scenario", None, None, "Faults to play: a name, or a .toml file."],
        ["chaos", None, None, "Faults by chance, from this seed.", int],
        [
            "chaos-seconds",
            None,
            0.0,
            "Time after which they end, 0 for never.",
            duration,
        ],
    ]

    def __init__(self) -> None:
        super().__init__()
        self["auth_keys"] = []

    def opt_auth_key(self, key: str) -> None:
        """Accept this auth key and no other; may be given several times."""
        self["auth_keys"].append(key)

    def postOptions(self) -> None:
        """Check what does not go together.

        Raises:
            UsageError: there is a scenario and chaos.
        """
        if self["scenario"] is not None and self["chaos"] is not None:
            raise UsageError("either --scenario or --chaos")


def makeService(options: Options) -> IService:
    """Build the service from its command line.

    Raises:
        SystemExit: the state file or the scenario cannot be used; twistd prints the
            text.
    """
    from twisted.internet import reactor

    chaos = options["chaos"]
    if chaos is not None:
        chaos = Chaos(chaos, options["chaos-seconds"])
    try:
        return SandboxService(
            reactor,
            host=options["host"],
            port=options["port"],
            auth_keys=options["auth_keys"] or None,
            auto_scan=bool(options["scan"]),
            state_path=Path(options["state"]) if options["state"] else None,
            scenario=options["scenario"] if chaos is None else chaos,
        )
    except (SandboxStateError, ScenarioMistakes, UnknownScenario) as error:
        # A UsageError is not expected here: twistd would print a traceback.
        raise SystemExit(f"padchat-sandbox: {error}") from None
