"""What the verbs of ``padchat`` do; ``cli.py`` has the command line."""
