"""Requests to take outputs out: the machine as a table, the votes, what a policy asks.

    machine (states, moves) → policies → review (the value) → judging (votes) → acts

A portal stores the value and journals its log; it decides nothing by itself.
"""
