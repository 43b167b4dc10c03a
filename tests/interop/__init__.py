"""Tests against real JavaScript peers over real sockets."""
