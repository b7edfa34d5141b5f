"""The guided tour of the demonstration: who does what, where, in the order of the road."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the demonstration, as the tour presents them."""

    email: str
    name: str
    role: str | Promise
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the road: what is done, by whom, on which of the two sites and which page."""

    title: str | Promise
    text: str | Promise
    who: tuple[str, ...]
    site: str
    path: str

    @property
    def address(self) -> str:
        """The page where the step is taken, on whichever site it is."""
        origins = {
            "public": settings.ECLUSE_PUBLIC_URL,
            "checking": settings.ECLUSE_CHECKING_URL,
        }
        return f"{origins[self.site]}{self.path}"

    @property
    def place(self) -> str | Promise:
        """What people call the site of this step."""
        return PLACES[self.site]


PLACES = {"public": _("Guichet"), "checking": _("Salle de contrôle")}

CAMILLE, LOUIS = "camille.moreau@univ.example", "louis.bernard@univ.example"
INES, PAUL = "ines.garnier@hub.example", "paul.lefevre@hub.example"
SOFIA = "sofia.martin@hub.example"
NADIA, JEANNE = "nadia.benali@hub.example", "jeanne.petit@citizen.example"
SARAH, MARC = "sarah.cohen@hub.example", "marc.dubois@hub.example"
VICTOR = "victor.roche@hub.example"
AGATHE, HUGO = "agathe.morel@comite.example", "hugo.simon@comite.example"
LEA = "lea.fontaine@comite.example"

ACCOUNTS = (
    Account(
        CAMILLE, "Camille Moreau", _("Chercheuse, responsable du projet"), ("public", "checking")
    ),
    Account(LOUIS, "Louis Bernard", _("Chercheur"), ("public", "checking")),
    Account(INES, "Inès Garnier", _("Instructrice des demandes"), ("public",)),
    Account(PAUL, "Paul Lefèvre", _("Décideur"), ("public",)),
    Account(AGATHE, "Agathe Morel", _("Membre du comité"), ("public",)),
    Account(HUGO, "Hugo Simon", _("Membre du comité"), ("public",)),
    Account(LEA, "Léa Fontaine", _("Membre du comité"), ("public",)),
    Account(SOFIA, "Sofia Martin", _("Chargée des registres"), ("public",)),
    Account(NADIA, "Nadia Benali", _("Agente des oppositions"), ("public",)),
    Account(JEANNE, "Jeanne Petit", _("Citoyenne"), ("public",)),
    Account(SARAH, "Sarah Cohen", _("Contrôleuse des sorties"), ("checking",)),
    Account(MARC, "Marc Dubois", _("Contrôleur des sorties"), ("checking",)),
    Account(VICTOR, "Victor Roche", _("Auditeur"), ("public", "checking")),
)

STEPS = (
    Step(
        _("S’opposer"),
        _(
            "Jeanne refuse que ses données servent à la recherche. Deux minutes, sans motif à "
            "donner ; l’opposition vaut pour toute autorisation décidée ensuite."
        ),
        (JEANNE,),
        "public",
        "/optouts/",
    ),
    Step(
        _("Chercher des données"),
        _("Le catalogue décrit chaque base, table par table. Il est ouvert à tous, sans compte."),
        (),
        "public",
        "/catalogue/",
    ),
    Step(
        _("Demander l’accès"),
        _("Camille décrit son projet, choisit ses tables et nomme son équipe, puis envoie."),
        (CAMILLE,),
        "public",
        "/applications/",
    ),
    Step(
        _("Évaluer, puis décider"),
        _(
            "Inès examine chaque critère de la loi. Paul décide. Une seule personne ne peut pas "
            "faire les deux : l’autorisation est signée et ne change plus."
        ),
        (INES, PAUL),
        "public",
        "/applications/",
    ),
    Step(
        _("Extraire"),
        _(
            "Camille commande l’extraction. L’agent de la zone sécurisée vient chercher l’ordre, "
            "retire les personnes opposées, coupe les colonnes, change les identifiants."
        ),
        (CAMILLE,),
        "public",
        "/extractions/",
    ),
    Step(
        _("Analyser dans la zone"),
        _("Un programme tourne sur l’extrait, sans réseau : rien n’en sort de lui-même."),
        (CAMILLE, LOUIS),
        "checking",
        "/enclaves/",
    ),
    Step(
        _("Contrôler la sortie"),
        _(
            "Des contrôles automatiques d’abord, puis Sarah et Marc, chacun sans voir le vote de "
            "l’autre. Deux accords, et la sortie est libérée."
        ),
        (SARAH, MARC),
        "checking",
        "/outputs/",
    ),
    Step(
        _("Recevoir le résultat"),
        _("Camille télécharge au guichet le résultat libéré, et lui seul."),
        (CAMILLE,),
        "public",
        "/releases/",
    ),
    Step(
        _("Tout vérifier"),
        _(
            "Victor relit le journal des deux sites : chaque document signé, chaque passage de "
            "porte, et la preuve que rien n’a été effacé."
        ),
        (VICTOR,),
        "public",
        "/journal/",
    ),
)


def steps() -> tuple[Step, ...]:
    """Return the steps of the tour, in the order in which a visitor may take them."""
    return STEPS


def people(site: str | None = None) -> list[Account]:
    """Return the people of the demonstration: all, or those who have an account on one site."""
    return [account for account in ACCOUNTS if site is None or site in account.sites]


def name_of(email: str) -> str:
    """Return the name of the person who has this address."""
    return next(account.name for account in ACCOUNTS if account.email == email)


def place_names(sites: tuple[str, ...]) -> str:
    """Return what people call these sites, in one line."""
    return ", ".join(str(PLACES[site]) for site in sites)
