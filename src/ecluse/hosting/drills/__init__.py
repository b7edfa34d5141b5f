"""The drill: a dataset made for it leaves a host under attack, and comes back."""
