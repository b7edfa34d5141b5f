"""What a host must do before it may keep a replica: tried, never believed."""
