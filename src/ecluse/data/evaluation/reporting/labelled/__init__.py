"""Reports of classes and of spans: labels, where the others are of scores.

matching   spans found against spans to find
samples    each case as counts by label
tables     counts that may be told, by group
figures    what follows from counts: by who makes a report, and by who verifies it
draws      intervals, by drawing cases or clusters; losses under perturbation
reading    files of a run to a sample
building   a sample and a protocol to a report
"""
