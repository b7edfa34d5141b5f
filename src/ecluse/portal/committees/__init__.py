"""Sittings of the committee: agenda, interests, blind votes, minutes signed by two."""
