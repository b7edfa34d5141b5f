"""The journal of this site: what happened, in an order that nobody can change unseen."""
