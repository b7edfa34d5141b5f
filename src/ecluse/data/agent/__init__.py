"""The agent: the only thing of the secure zone that talks, always outward, only to obey and answer.

It pulls signed documents from the mailboxes of both sites, obeys them one by one, and delivers
signed answers. Killed anywhere, it goes on where it was: each document is obeyed once.
"""

from ecluse.data.agent.agents import Agent, StepReport
from ecluse.data.agent.zones import Zone

__all__ = ["Agent", "StepReport", "Zone"]
