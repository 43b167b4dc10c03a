"""How Sphinx makes the manual: ``make docs``."""

project = "padchat-twisted"
author = "padchat-twisted contributors"
copyright = "padchat-twisted contributors"

extensions = ["myst_parser"]
# Fragments of the next release are no pages: towncrier puts them into changelog.md.
exclude_patterns = ["_build", "changelog.d"]
# A link may point to any heading: [limits](limits.md#frames).
myst_heading_anchors = 3

html_theme = "furo"
html_title = "padchat-twisted"
