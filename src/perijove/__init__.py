"""A flow in a notebook becomes a scheduled, watched, remotely triggered deployment."""

__version__ = "0.1.0"
