"""Duty Desk: the duty desk of an IT department, full screen on a terminal."""

__version__ = "0.1.0"
