"""Drills of leaving a host: the signed reports that the operator of this site entrusts to it."""
