"""Tell twistd of its two commands by name; listing them imports no code of ours."""

from twisted.application.service import ServiceMaker

padchat = ServiceMaker(
    "PadChat accounts",
    "padchat_twisted.tap",
    "Run the PadChat accounts of a configuration file.",
    "padchat",
)

padchat_sandbox = ServiceMaker(
    "PadChat sandbox gateway",
    "padchat_twisted.sandbox.tap",
    "Run a PadChat gateway with a pretend WeChat behind it, for trials and tests.",
    "padchat-sandbox",
)

__all__ = ["padchat", "padchat_sandbox"]
