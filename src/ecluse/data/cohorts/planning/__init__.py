"""From the tree of a cohort to what is asked of an engine, in few passes over the data.

    leaves      the events of one table, read in one scan (`gathering`), with a column for each list
    sets        During, Around, SameRecord… are conditions on those rows, not queries (`sets`)
    measures    all that is asked of one table's events, in one aggregate a round (`measures`)
    answers     days, conditions and values, as terms over one row for each person (`answers`)
    rounds      what hangs on a day of the person comes after the round that finds it (`plans`)

Nothing here knows an engine: `algebra` says what one must be able to do.
"""

from ecluse.data.cohorts.planning.runs import run

__all__ = ["run"]
