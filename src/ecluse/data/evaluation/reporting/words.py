"""The words of a report, in French and in English: names of measures, of outcomes, of subjects."""

from typing import Final

from ecluse.domain.evaluations.reports import Outcome, Subject

LANGUAGES: Final = ("fr", "en")
Pair = tuple[str, str]

MEASURES: Final[dict[str, Pair]] = {
    "auroc": ("Aire sous la courbe ROC", "Area under the ROC curve"),
    "auroc-of-steps": (
        "Aire recalculée des paliers (bornes)",
        "Area computed from the steps (bounds)",
    ),
    "auprc": ("Aire précision-rappel", "Area under precision and recall"),
    "brier": ("Score de Brier", "Brier score"),
    "calibration-intercept": (
        "Calibration globale (idéal 0)",
        "Calibration in the large (ideal 0)",
    ),
    "calibration-slope": ("Pente de calibration (idéal 1)", "Calibration slope (ideal 1)"),
    "observed-expected": ("Observés sur attendus (idéal 1)", "Observed over expected (ideal 1)"),
    "observed-expected-over-time": (
        "Observés sur attendus, par période",
        "Observed over expected, by period",
    ),
    "calibration-error-of-steps": (
        "Erreur de calibration des paliers",
        "Calibration error of steps",
    ),
    "ici": ("Écart moyen à la courbe (ICI)", "Mean distance to the curve (ICI)"),
    "e50": ("Écart médian à la courbe (E50)", "Median distance to the curve (E50)"),
    "e90": ("9e décile de l'écart (E90)", "9th decile of the distance (E90)"),
    "prevalence": ("Prévalence", "Prevalence"),
    "sensitivity": ("Sensibilité", "Sensitivity"),
    "specificity": ("Spécificité", "Specificity"),
    "ppv": ("Valeur prédictive positive", "Positive predictive value"),
    "npv": ("Valeur prédictive négative", "Negative predictive value"),
    "ppv-at-target": ("VPP à la prévalence visée", "PPV at the target prevalence"),
    "npv-at-target": ("VPN à la prévalence visée", "NPV at the target prevalence"),
    "accuracy": ("Exactitude", "Accuracy"),
    "f1": ("F1", "F1"),
    "positive-likelihood-ratio": ("Rapport de vraisemblance positif", "Positive likelihood ratio"),
    "negative-likelihood-ratio": ("Rapport de vraisemblance négatif", "Negative likelihood ratio"),
    "odds-ratio": ("Rapport de cotes diagnostique", "Diagnostic odds ratio"),
    "net-benefit": ("Bénéfice net", "Net benefit"),
    "net-benefit-of-all": ("Bénéfice net de traiter tous", "Net benefit of treating all"),
    "stability-index": ("Indice de stabilité des scores", "Stability index of scores"),
    "uno-c": ("Concordance (C d'Uno)", "Concordance (Uno's C)"),
    "time-dependent-auc": ("Aire à l'horizon", "Area at the horizon"),
    "brier-at-horizon": ("Score de Brier à l'horizon", "Brier score at the horizon"),
    "cumulative-incidence": ("Incidence cumulée", "Cumulative incidence"),
    "incidence": ("Incidence cumulée (table de survie)", "Cumulative incidence (life table)"),
    "macro-f1": ("F1, moyenne des étiquettes", "F1, mean of the labels"),
    "kappa": ("Accord au-delà du hasard (kappa)", "Agreement beyond chance (kappa)"),
    "mcc": ("Corrélation de Matthews", "Matthews' correlation"),
    "span-precision": ("Précision, passages exacts", "Precision, exact spans"),
    "span-recall": ("Rappel, passages exacts", "Recall, exact spans"),
    "micro-f1": ("F1, passages exacts", "F1, exact spans"),
    "span-precision-partial": ("Précision, passages partiels", "Precision, partial spans"),
    "span-recall-partial": ("Rappel, passages partiels", "Recall, partial spans"),
    "micro-f1-partial": ("F1, passages partiels", "F1, partial spans"),
    "label-recall": ("Rappel de l'étiquette", "Recall of the label"),
    "label-precision": ("Précision de l'étiquette", "Precision of the label"),
    "label-f1": ("F1 de l'étiquette", "F1 of the label"),
    "label-f1-partial": ("F1 partiel de l'étiquette", "Partial F1 of the label"),
}
OUTCOMES: Final[dict[Outcome, Pair]] = {
    Outcome.MET: ("Atteint", "Met"),
    Outcome.NOT_MET: ("Non atteint", "Not met"),
    Outcome.INCONCLUSIVE: ("Non conclu", "Not decided"),
    Outcome.NOT_EVALUABLE: ("Non évaluable", "Not evaluable"),
}
SUBJECTS: Final[dict[Subject, Pair]] = {
    Subject.PRIMARY: ("Critère principal", "Primary claim"),
    Subject.CALIBRATION: ("Calibration", "Calibration"),
    Subject.SUBGROUP: ("Sous-groupe", "Subgroup"),
    Subject.ROBUSTNESS: ("Robustesse", "Robustness"),
    Subject.DRIFT: ("Dérive", "Drift"),
    Subject.SAMPLE_SIZE: ("Effectif", "Sample size"),
    Subject.PRIVACY: ("Attaque du modèle", "Attack on the model"),
}
SAID: Final[dict[str, Pair]] = {
    "bounds of the steps": ("bornes des paliers", "bounds of the steps"),
    "counts": ("effectifs", "counts"),
    "no interval": ("sans intervalle", "no interval"),
    "actuarial": ("actuarielle", "actuarial"),
    "(others)": ("(autres étiquettes)", "(other labels)"),
    "(any)": ("(toutes étiquettes)", "(any label)"),
    "too few persons to be told": ("trop peu de personnes", "too few persons to be told"),
}
"""What a report says in words of its own, beside names of methods, that are the same everywhere."""
TEXTS: Final[dict[str, Pair]] = {
    "report": ("Rapport d'évaluation", "Evaluation report"),
    "verdict": ("Ce que disent les chiffres", "What the figures say"),
    "figures": ("Chiffres", "Figures"),
    "labels": ("Par étiquette", "By label"),
    "label": ("Étiquette", "Label"),
    "right": ("justes", "right"),
    "part": ("partiels", "partial"),
    "missed": ("manqués", "missed"),
    "spurious": ("dits à tort", "wrongly said"),
    "labels-title": ("F1 par étiquette", "F1 by label"),
    "labels-desc": (
        "Valeur et intervalle à 95 % de chaque étiquette ; la ligne verticale est celle de toutes.",
        "Value and 95 % interval of each label; the vertical line is that of all of them.",
    ),
    "discrimination": ("Discrimination", "Discrimination"),
    "calibration": ("Calibration", "Calibration"),
    "utility": ("Utilité clinique", "Clinical utility"),
    "subgroups": ("Sous-groupes", "Subgroups"),
    "gaps": ("Écarts entre sous-groupes", "Gaps between subgroups"),
    "drift": ("Dans le temps", "Over time"),
    "robustness": ("Robustesse", "Robustness"),
    "privacy": ("Attaques du modèle", "Attacks on the model"),
    "run": ("Déroulement", "The run"),
    "withheld": ("Ce qui n'est pas dit", "What is not told"),
    "deviations": ("Écarts au protocole", "Deviations from the protocol"),
    "none": ("Aucun.", "None."),
    "checklist": ("Liste de contrôle", "Checklist"),
    "counts": ("Effectifs conservés", "Stored counts"),
    "digests": ("Empreintes", "Digests"),
    "claim": ("Ce que le fournisseur affirme", "What the provider claims"),
    "population": ("Population", "Population"),
    "outcome": ("Événement à prédire", "Outcome"),
    "sponsor": ("Promoteur", "Sponsor"),
    "is-submitter": (
        "Le promoteur fournit aussi le système évalué.",
        "The sponsor also provides the system that is evaluated.",
    ),
    "cases": ("cas", "cases"),
    "failed": (
        "cas sans réponse du système, comptés faux",
        "cases without an answer, counted wrong",
    ),
    "measure": ("Mesure", "Measure"),
    "at": ("Seuil", "At"),
    "value": ("Valeur", "Value"),
    "interval": ("Intervalle à 95 %", "95 % interval"),
    "method": ("Méthode", "Method"),
    "basis": ("Vérifiable", "Can be checked"),
    "basis-counts": ("recalculable", "recomputable"),
    "basis-attested": ("attesté", "attested"),
    "subject": ("Sujet", "Subject"),
    "of": ("De", "Of"),
    "asked": ("Demandé", "Asked"),
    "outcome-word": ("Verdict", "Verdict"),
    "group": ("Groupe", "Group"),
    "step": ("Palier du score", "Step of the score"),
    "with-outcome": ("avec l'événement", "with the outcome"),
    "without-outcome": ("sans l'événement", "without it"),
    "mean": ("risque prédit moyen", "mean predicted risk"),
    "observed": ("fréquence observée", "observed frequency"),
    "predicted": ("Risque prédit", "Predicted risk"),
    "sensitivity-axis": ("Sensibilité", "Sensitivity"),
    "false-axis": ("1 - spécificité", "1 - specificity"),
    "threshold-axis": ("Seuil de décision", "Decision threshold"),
    "roc-title": ("Courbe ROC", "ROC curve"),
    "roc-desc": (
        "Sensibilité selon la part de fausses alertes ; les points sont dans la table. La ligne "
        "brisée est celle d'un tirage au sort.",
        "Sensitivity against the share of false alarms; the points are in the table. The dashed "
        "line is that of a coin toss.",
    ),
    "calibration-title": ("Courbe de calibration", "Calibration curve"),
    "calibration-desc": (
        "Fréquence observée selon le risque prédit, par palier ; sur la ligne brisée les deux sont "
        "égaux. Sous elle, le système annonce trop de risque.",
        "Observed frequency against predicted risk, by step; on the dashed line both are equal. "
        "Under it, the system announces too much risk.",
    ),
    "decision-title": ("Courbe de décision", "Decision curve"),
    "decision-desc": (
        "Bénéfice net du système (trait plein), de traiter tous (brisé) ; traiter personne : 0.",
        "Net benefit of the system (full line) and of treating all (dashed); treating none is 0.",
    ),
    "forest-title": ("Critère principal par sous-groupe", "Primary measure by subgroup"),
    "forest-desc": (
        "Valeur et intervalle à 95 % de chaque groupe ; la ligne verticale est la valeur demandée.",
        "Value and 95 % interval of each group; the vertical line is the value asked.",
    ),
    "drift-title": ("Observés sur attendus, par période", "Observed over expected, by period"),
    "drift-desc": (
        "Rapport et intervalle à 95 % de chaque période ; 1 est l'idéal.",
        "Ratio and 95 % interval of each period; 1 is ideal.",
    ),
    "rule": (
        "Un critère est atteint si tout l'intervalle est du bon côté de la valeur demandée.",
        "A claim is met where the whole interval lies on the good side of the value asked.",
    ),
    "first": ("Premier", "First"),
    "second": ("Second", "Second"),
    "gap": ("Écart", "Gap"),
    "perturbation": ("Perturbation", "Perturbation"),
    "loss": ("Perte", "Loss"),
    "tolerated": ("Toléré", "Tolerated"),
    "item": ("Point", "Item"),
    "answer": ("Réponse", "Answer"),
    "where": ("Où", "Where"),
    "what": ("Quoi", "What"),
    "why": ("Pourquoi", "Why"),
    "planned": ("Prévu", "Planned"),
    "done": ("Fait", "Done"),
    "plot-of": ("Figure", "Figure"),
    "time-per-case": ("Temps par cas (médiane, 95e centile), ms", "Time a case (median, p95), ms"),
    "energy": ("Énergie par cas, joules", "Energy a case, joules"),
    "table": ("La table", "The table"),
}


def text(key: str, language: str) -> str:
    """Return a text of the report."""
    return TEXTS[key][LANGUAGES.index(language)]


def measure(name: str, language: str) -> str:
    """Return what people call a measure; its own name where there is no other."""
    return MEASURES.get(name, (name, name))[LANGUAGES.index(language)]


def outcome(found: Outcome, language: str) -> str:
    """Return a verdict in words."""
    return OUTCOMES[found][LANGUAGES.index(language)]


def subject(found: Subject, language: str) -> str:
    """Return what a finding is about, in words."""
    return SUBJECTS.get(found, (found.value, found.value))[LANGUAGES.index(language)]


def said(words: str, language: str) -> str:
    """Return words of a report in the language of its reader; names of methods as they are."""
    return SAID.get(words, (words, words))[LANGUAGES.index(language)]


def asked(bound: str, language: str) -> str:
    """Return what a protocol asks, to read: `≥ 0,85`."""
    told = bound.replace(">=", "≥").replace("<=", "≤").replace("-", " - ")
    return told.replace(".", ",") if language == "fr" else told


def place(at: str) -> str:
    """Return where a measure is taken: its threshold, and the prevalence it is brought to."""
    threshold, bar, prevalence = at.partition("|")
    return f"{threshold} ({prevalence})" if bar else threshold


def number(value: str, language: str, *, digits: int = 3) -> str:
    """Return a number to read: rounded, with the comma of French."""
    if not value:
        return ""
    told = f"{float(value):.{digits}f}"
    return told.replace(".", ",") if language == "fr" else told
