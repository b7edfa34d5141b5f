"""STARD 2015, with the themes that STARD-AI adds for tests made of artificial intelligence.

The thirty items bear the ids of STARD 2015. STARD-AI adds items on datasets, the test, its
evaluation, bias and use: they stand under `AI` and their theme, not under a number, so that no
number is quoted that was not checked against the statement.
"""

from typing import Final

from ecluse.domain.evaluations.guidelines.items import items

STARD_AI: Final = items(
    ("1", "Titre", "Title", "identity.title"),
    ("2", "Résumé", "Abstract", "report.summary"),
    ("3", "Contexte et rôle du test", "Background and role of the test",
     "intended_use.claim intended_use.pathway"),
    ("4", "Objectifs", "Objectives", "intended_use.purpose metrics.primary"),
    ("5", "Prospectif ou rétrospectif", "Prospective or retrospective", "intended_use.stage"),
    ("6", "Critères d’inclusion", "Eligibility", "population.inclusion population.exclusion"),
    ("7", "Repérage des personnes", "Identification of participants", "population.sampling"),
    ("8", "Lieux et dates", "Setting and dates",
     "population.setting population.sites population.from_on population.until_on"),
    ("9", "Série consécutive ou non", "Consecutive or not", "population.sampling"),
    ("10a", "Test évalué", "Index test", "index_test.artefact index_test.runtime"),
    ("10b", "Référence", "Reference standard", "reference_standard.definition"),
    ("11", "Choix de la référence", "Rationale of the reference",
     "reference_standard.correction"),
    ("12a", "Seuils du test", "Cut-offs of the test", "index_test.thresholds"),
    ("12b", "Seuils de la référence", "Cut-offs of the reference", "outcome.definition"),
    ("13a", "Insu du test", "Blinding of the test", "access.secrecy"),
    ("13b", "Insu de la référence", "Blinding of the reference",
     "reference_standard.is_blinded"),
    ("14", "Méthodes d’estimation", "Methods of estimation",
     "metrics.primary metrics.secondaries"),
    ("15", "Résultats indéterminés", "Indeterminate results", "index_test.failures"),
    ("16", "Données manquantes", "Missing data", "missing_data.handling"),
    ("17", "Variabilité de l’exactitude", "Variability of accuracy", "subgroups robustness"),
    ("18", "Taille d’étude", "Sample size", "sample_size.criteria sample_size.expected"),
    ("19", "Flux des personnes", "Flow of participants", "report.run"),
    ("20", "Caractéristiques", "Characteristics", "report.tables"),
    ("21a", "Gravité des malades", "Severity among the ill", "report.tables"),
    ("21b", "Autres diagnostics", "Alternative diagnoses", "report.tables"),
    ("22", "Délai entre les tests", "Interval between tests", "reference_standard.window_days"),
    ("23", "Tableau croisé", "Cross tabulation", "report.tables"),
    ("24", "Exactitude et intervalles", "Accuracy with intervals", "report.figures"),
    ("25", "Effets indésirables", "Adverse events", "report.run"),
    ("26", "Limites", "Limitations", "report.withheld report.deviations"),
    ("27", "Conséquences pour la pratique", "Implications", "report.findings"),
    ("28", "Enregistrement", "Registration", "identity.number"),
    ("29", "Accès au protocole", "Access to the protocol", "file"),
    ("30", "Financement", "Funding", "identity.sponsor identity.interests"),
    ("AI: datasets", "Jeux de données et partages", "Datasets and partitions",
     "index_test.trained_on access.secrecy"),
    ("AI: preprocessing", "Préparation des entrées", "Preparation of inputs",
     "index_test.preprocessing run.features"),
    ("AI: version", "Version et format du modèle", "Version and format of the model",
     "index_test.artefact index_test.format"),
    ("AI: bias", "Biais entre groupes", "Bias between groups", "subgroups left_out"),
    ("AI: use", "Intégration et utilisateurs", "Integration and users",
     "intended_use.users intended_use.decision"),
    ("AI: generalisability", "Portée ailleurs", "Generalisability", "robustness drift"),
    ("AI: availability", "Code et modèle accessibles", "Availability of code and model",
     "analysis.package analysis.code"),
)  # fmt: skip
