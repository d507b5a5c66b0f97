"""Carry what a server knows of deployments to another one: work pools, deployments with their schedules, automations.

Read from both servers first (``inventory``), told as a plan (``plan``), then done (``carry``); what is there already is
left as it is, so that the same again changes nothing.
"""

from perijove.migration.carry import Migrated, migrate

__all__ = ["Migrated", "migrate"]
