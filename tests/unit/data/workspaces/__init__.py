"""Interactive workspaces: homes, rules, door, imports."""
