"""Interactive workspaces seen from the checking room: passes, who is where, closing, incidents."""
