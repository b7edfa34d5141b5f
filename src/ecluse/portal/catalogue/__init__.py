"""What data exist, described for everybody (EHDS art. 77), with the snapshots that are ready."""
