"""Time to event: curves, competing risks, Cox, and how well risks predicted over time hold.

Times are numbers of one unit, from 0; `events` is 1 for the event, 0 for censored and, where
competing risks are meant, 2 or more for another event that prevents it.
"""
