"""Who a citizen is: signed in by the State, bound to a number, forgotten when the session ends."""
