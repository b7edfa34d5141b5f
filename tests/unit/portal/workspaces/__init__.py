"""Interactive workspaces in the checking room."""
