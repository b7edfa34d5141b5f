"""Legal clocks: public holidays, periods of law, rules with their article, clocks that run by them.

    holidays → zones → calendars → periods → rules → ehds | france → clock → tracks

A *calendar* says which days are worked and what day it is; a *rule* says how long somebody has,
from what, to do what; a *clock* is one rule running on one file; a *track* says which rules a file
runs.
"""
