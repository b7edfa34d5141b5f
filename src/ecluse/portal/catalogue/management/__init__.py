"""What the catalogue does when a machine asks it."""
