"""Brings a flow's code, and what it needs, to where it runs: a deployment's pull steps, one after the other."""
