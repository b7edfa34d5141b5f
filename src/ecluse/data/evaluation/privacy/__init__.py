"""Attacks on a trained model before it may be asked out of the zone.

attacks    membership by confidence, by likelihood ratio (LiRA); attributes guessed
structure  what of the persons a model holds: rows, leaves, parameters
inside     the program that trains again and attacks, in the sandbox
trials     outside it: what was found, judged by the limits of the domain, kept by digest
texts      classifiers of texts by hashed words; canaries for what scores or writes texts
plugins    attacks that others add, SACRO-ML's among them
"""
