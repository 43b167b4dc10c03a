"""The wire: pure codecs and connections for both roles.

Nothing in here opens a socket, reads a clock or draws a random number; time and
identifiers come in as arguments.
"""
