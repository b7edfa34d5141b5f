"""How the tables of an answer are protected, in words, for the checkers alone."""

from django.utils.translation import gettext as _

from ecluse.domain.documents import EvaluationOrder, EvaluationReceipt, TabulationReceipt
from ecluse.portal.outputs.models import Answer

Pairs = list[tuple[str, object]]


def protection(answer: Answer) -> Pairs:
    """Return what a checker should know of an answer before reading its tables: pairs of words."""
    order, receipt = answer.order, answer.receipt
    if isinstance(order, EvaluationOrder):
        return _of_evaluation(order, answer)
    pairs: Pairs = [
        (_("Population comptée"), order.plan.population),
        (_("Jeu de données"), order.dataset),
        (_("Chargement"), order.snapshot),
        (_("Politique"), order.policy),
        (_("Effectif minimal montré"), order.minimum_count),
    ]
    if isinstance(receipt, TabulationReceipt):
        pairs += [
            (_("Tableaux"), receipt.table_count),
            (_("Cases"), receipt.cell_count),
            (_("Masquées parce qu’elles sont à risque"), receipt.primary_count),
            (_("Masquées pour qu’on ne les recalcule pas"), receipt.secondary_count),
        ]
        pairs += _other_protections(receipt)
    return pairs


def _of_evaluation(order: EvaluationOrder, answer: Answer) -> Pairs:
    pairs: Pairs = [
        (_("Évaluation"), order.evaluation_number),
        (_("Verrou"), order.lock_digest),
        (_("Modèle"), order.model),
        (_("Manifeste des données"), order.dataset),
        (_("Écarts déclarés"), len(order.deviations)),
    ]
    receipt = answer.receipt
    if isinstance(receipt, EvaluationReceipt):
        pairs += [(_("Prédictions"), receipt.predictions), (_("Rapport signé"), receipt.report)]
    return pairs


def _other_protections(receipt: TabulationReceipt) -> Pairs:
    found: Pairs = []
    if receipt.rounding_base > 1:
        found.append((_("Arrondi à un multiple de"), receipt.rounding_base))
    if receipt.epsilon_thousandths:
        spent = receipt.epsilon_thousandths / 1000
        found.append((_("Budget de confidentialité dépensé (epsilon)"), spent))
    return found
