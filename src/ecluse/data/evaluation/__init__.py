"""Statistics of evaluation: what an AI system is worth on data it never saw, with its uncertainty.

Plain NumPy and SciPy, one module a theme. Every number comes with an interval whose method is
named; what cannot be told is refused in words instead of being given as a number.

    arrays, intervals     what is accepted; estimates and their intervals
    proportions, accuracy one proportion, two, and the 2x2 table of a diagnostic test
    discrimination        AUROC, DeLong, clustered; precision and recall in `precision_recall`
    paired, multiplicity  McNemar; Holm, Benjamini and Hochberg
    agreement, overlap    kappa and intraclass correlation; masks
    classification        F1 of classes and of spans, by document
    bootstrap, subgroups  resampling by cluster; all measures of all subgroups in one pass
    calibration           intercept, slope, O/E, smooth errors (`smoothing`), Brier, ECE
    utility               net benefit and decision curves
    survival              curves, competing risks, Cox, concordance, Brier over time
    conformal             sets and intervals with a promised coverage
    fairness, robustness  gaps between groups; what a perturbation costs
    drift, monitoring     what moved between two windows; the running chart of outcomes
    sample_size           what a study needs before data are opened
    pooling               several sites: random effects and prediction intervals
    leaderboard           what may be shown of a held-out set, and ranks in bands

Nothing here reads a file, a clock or a person's identity.
"""
