"""Documents that this site sends and receives; the agent of the secure zone comes and fetches."""
