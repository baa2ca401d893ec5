"""What people ask and what the demo assistant knows: invented questions and answers of a company's help desk, FR and EN.

A topic is found by its keywords, so that a visitor who types a question of their own gets an answer too. Nothing here
may read like a handover or a fallback: those sentences stand in `answers`, where the markers are meant to find them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["fr", "en"]


@dataclass(frozen=True, slots=True)
class Topic:
    """`tool` is called before the answer; a `sensitive` topic always goes to a human."""

    keywords: tuple[str, ...]
    questions: Mapping[Language, tuple[str, ...]]
    answer: Mapping[Language, str]
    tool: str = ""
    sensitive: bool = False


TOPICS = (
    Topic(
        keywords=("solde de congés", "leave balance", "jours de congé", "days off"),
        questions={
            "fr": ("Quel est mon solde de congés ?", "Combien de jours de congé me reste-t-il cette année ?"),
            "en": ("What is my leave balance?", "How many days off do I have left this year?"),
        },
        answer={
            "fr": "Il vous reste 12,5 jours : 9 jours de congés annuels à poser avant le 31 mai et 3,5 jours de RTT. Les jours "
            "posés et pas encore validés sont déjà déduits de ce total.",
            "en": "You have 12.5 days left: 9 days of annual leave to take before 31 May, and 3.5 days of reduced hours. Days "
            "that are booked and still waiting for approval are already taken off.",
        },
        tool="look_up_leave_balance",
    ),
    Topic(
        keywords=("télétravail", "remote work", "from home"),
        questions={
            "fr": ("Combien de jours de télétravail ai-je par semaine ?", "Comment déclarer un jour de télétravail ?"),
            "en": ("How many days may I work from home?", "How do I declare a remote work day?"),
        },
        answer={
            "fr": "L'accord prévoit deux jours de télétravail par semaine, à déclarer dans le planning avant le jeudi soir. Le "
            "mardi est commun à tous, au bureau. Un jour supplémentaire est possible avec l'accord de votre manager.",
            "en": "The agreement allows two days a week from home, declared in the planning tool before Thursday evening. "
            "Tuesday is spent at the office by everyone. One more day is possible if your manager agrees.",
        },
    ),
    Topic(
        keywords=("bulletin", "fiche de paie", "payslip"),
        questions={
            "fr": ("Où trouver mon bulletin de paie ?", "Quand ma fiche de paie de ce mois est-elle disponible ?"),
            "en": ("Where do I find my payslip?", "When is this month's payslip available?"),
        },
        answer={
            "fr": "Les bulletins sont déposés le 28 de chaque mois dans votre coffre-fort numérique, rubrique « Paie ». Ils y "
            "restent cinquante ans, même après votre départ.",
            "en": "Payslips are placed in your digital vault on the 28th of each month, under Pay. They stay there for fifty "
            "years, even after you leave the company.",
        },
    ),
    Topic(
        keywords=("note de frais", "notes de frais", "expense"),
        questions={
            "fr": ("Comment envoyer une note de frais ?", "Sous quel délai mes notes de frais sont-elles remboursées ?"),
            "en": ("How do I submit an expense report?", "How long until my expenses are paid back?"),
        },
        answer={
            "fr": "Photographiez le reçu dans l'application Frais, choisissez le projet, puis validez. Le remboursement part "
            "avec la paie du mois si la note est validée avant le 20.",
            "en": "Take a photo of the receipt in the Expenses app, pick the project and submit. It is paid with the month's "
            "salary when it has been approved by the 20th.",
        },
    ),
    Topic(
        keywords=("mutuelle", "health insurance", "lunettes", "glasses"),
        questions={
            "fr": ("Comment ajouter un enfant à ma mutuelle ?", "Que rembourse la mutuelle pour des lunettes ?"),
            "en": ("How do I add a child to my health insurance?", "What does health insurance pay for glasses?"),
        },
        answer={
            "fr": "Tout se fait dans l'espace adhérent de la mutuelle : rubrique « Ma famille » pour ajouter un enfant, avec "
            "l'acte de naissance ; rubrique « Garanties » pour les montants, par exemple 420 € pour des verres complexes.",
            "en": "Both are in the insurer's member area: My family to add a child, with the birth certificate; Cover for "
            "the amounts, for instance €420 for complex lenses.",
        },
    ),
    Topic(
        keywords=("formation", "training", "course"),
        questions={
            "fr": ("Comment m'inscrire à une formation d'anglais ?", "Quelles formations puis-je suivre ce trimestre ?"),
            "en": ("How do I sign up for an English course?", "Which training may I follow this quarter?"),
        },
        answer={
            "fr": "Le catalogue du trimestre compte 34 formations. Choisissez une session, votre manager reçoit la demande et "
            "répond sous cinq jours. Les cours de langue commencent en début de mois.",
            "en": "This quarter's catalogue has 34 courses. Pick a session; your manager receives the request and answers "
            "within five days. Language courses start at the beginning of a month.",
        },
    ),
    Topic(
        keywords=("mot de passe", "password"),
        questions={
            "fr": ("J'ai oublié mon mot de passe, que faire ?", "Comment changer mon mot de passe Windows ?"),
            "en": ("I forgot my password, what now?", "How do I change my Windows password?"),
        },
        answer={
            "fr": "Ouvrez la page de réinitialisation depuis l'écran de connexion, confirmez avec l'application "
            "d'authentification, puis choisissez 14 caractères au moins. Le changement est actif partout en dix minutes.",
            "en": "Open the reset page from the sign-in screen, confirm with the authenticator app, then choose at least 14 "
            "characters. The change is active everywhere within ten minutes.",
        },
    ),
    Topic(
        keywords=("vpn",),
        questions={
            "fr": ("Le VPN se coupe toutes les dix minutes, comment corriger cela ?", "Comment installer le VPN ?"),
            "en": ("The VPN drops every ten minutes, how do I fix it?", "How do I install the VPN?"),
        },
        answer={
            "fr": "Installez la version 6 du client depuis le portail des logiciels, puis choisissez le profil « Paris » et "
            "redémarrez. Les coupures venaient de la version 5 et disparaissent avec la mise à jour.",
            "en": "Install version 6 of the client from the software portal, choose the Paris profile and restart. The drops "
            "came from version 5 and go away with the update.",
        },
    ),
    Topic(
        keywords=("imprimante", "printer", "print"),
        questions={
            "fr": ("Comment ajouter l'imprimante du deuxième étage ?", "L'imprimante affiche une erreur 49, que faire ?"),
            "en": ("How do I add the printer of the second floor?", "The printer shows error 49, what can I do?"),
        },
        answer={
            "fr": "Ajoutez la file « ETAGE2 » depuis les réglages, ou éteignez l'imprimante trente secondes si elle affiche "
            "une erreur. Votre badge libère ensuite les impressions en attente.",
            "en": "Add the queue FLOOR2 in the settings, or switch the printer off for thirty seconds if it shows an error. "
            "Your badge then releases whatever is waiting.",
        },
    ),
    Topic(
        keywords=("salle", "meeting room", "book a room"),
        questions={
            "fr": ("Comment réserver une salle pour dix personnes ?", "Une salle est-elle libre demain matin ?"),
            "en": ("How do I book a room for ten people?", "Is a meeting room free tomorrow morning?"),
        },
        answer={
            "fr": "La salle Ampère (12 places, écran et visioconférence) est libre demain de 9 h à 11 h 30. Réservez-la dans "
            "l'agenda en l'ajoutant comme participant ; elle confirme aussitôt.",
            "en": "The Ampère room (12 seats, screen and video) is free tomorrow from 9 to 11:30. Add it as a guest of your "
            "meeting and it confirms at once.",
        },
        tool="find_free_room",
    ),
    Topic(
        keywords=("ordinateur", "laptop", "écran", "second screen"),
        questions={
            "fr": ("Comment commander un second écran ?", "Quand mon ordinateur est-il renouvelé ?"),
            "en": ("How do I order a second screen?", "When is my laptop renewed?"),
        },
        answer={
            "fr": "Le matériel se commande dans le catalogue informatique. Un écran arrive en trois jours ; un ordinateur est "
            "renouvelé après quatre ans, et vous recevez un message deux mois avant.",
            "en": "Equipment is ordered from the IT catalogue. A screen takes three days; a laptop is renewed after four "
            "years, and you get a message two months ahead.",
        },
    ),
    Topic(
        keywords=("commande", "colis", "my order", "parcel"),
        questions={
            "fr": ("Où en est ma commande 20418 ?", "Mon colis n'est pas arrivé, où est-il ?"),
            "en": ("Where is my order 20418?", "My parcel has not arrived, where is it?"),
        },
        answer={
            "fr": "Votre colis a quitté l'entrepôt hier à 18 h 12 et se trouve au centre de tri. La livraison est prévue "
            "demain entre 8 h et 13 h ; le suivi vous envoie un message une heure avant.",
            "en": "Your parcel left the warehouse yesterday at 18:12 and is at the sorting centre. Delivery is planned for "
            "tomorrow between 8 and 13; you get a message one hour ahead.",
        },
        tool="track_order",
    ),
    Topic(
        keywords=("facture", "invoice"),
        questions={
            "fr": ("Pouvez-vous me renvoyer ma dernière facture ?", "Comment lire la ligne « ajustement » de ma facture ?"),
            "en": ("Can you send my last invoice again?", "What is the adjustment on my invoice?"),
        },
        answer={
            "fr": "La facture du mois est de nouveau dans votre boîte, en PDF. La ligne « ajustement » corrige l'estimation du "
            "mois précédent : elle peut être positive ou négative et s'annule sur l'année.",
            "en": "This month's invoice is in your mailbox again, as a PDF. The adjustment corrects last month's estimate: it "
            "may be positive or negative and evens out over the year.",
        },
    ),
    Topic(
        keywords=("cantine", "menu", "canteen", "lunch"),
        questions={
            "fr": ("Quel est le menu de la cantine aujourd'hui ?", "La cantine ouvre-t-elle le vendredi ?"),
            "en": ("What is on the canteen's menu today?", "Is lunch served on Fridays?"),
        },
        answer={
            "fr": "Aujourd'hui : velouté de potimarron, dos de cabillaud ou curry de légumes, tarte aux pommes. La cantine "
            "sert de 11 h 45 à 13 h 45, du lundi au vendredi.",
            "en": "Today: pumpkin soup, cod or vegetable curry, apple tart. Lunch is served from 11:45 to "
            "13:45, Monday to Friday.",
        },
    ),
    Topic(
        keywords=("badge",),
        questions={
            "fr": ("J'ai perdu mon badge, comment en obtenir un autre ?", "Mon badge n'ouvre plus le parking, pourquoi ?"),
            "en": ("I lost my badge, how do I get another?", "My badge no longer opens the car park, why?"),
        },
        answer={
            "fr": "J'ai désactivé l'ancien badge. Le nouveau est prêt à l'accueil dans une heure, sur présentation d'une pièce "
            "d'identité. L'accès au parking se prolonge chaque année dans le portail des services.",
            "en": "I have switched off the old badge. A new one is ready at the front desk in an hour if you bring an identity "
            "card. Access to the car park is renewed every year in the services portal.",
        },
    ),
    Topic(
        keywords=("harcèlement", "harassment", "discrimination"),
        questions={
            "fr": ("Je suis victime de harcèlement, à qui en parler ?",),
            "en": ("I am facing harassment, what can I do?",),
        },
        answer={
            "fr": "Merci de m'en parler : c'est un sujet grave, et vous n'êtes pas seul.",
            "en": "Thank you for telling me: this is serious, and you are not alone.",
        },
        sensitive=True,
    ),
)

ODD: Mapping[Language, tuple[str, ...]] = {
    "fr": (
        "Pourquoi la référence ZX-81 du chantier nord est-elle en double ?",
        "Qui a validé le devis Brumaire ?",
        "Quelle clause s'applique au sous-traitant de Lorient ?",
        "Peut-on cumuler la prime de nuit et l'astreinte en mission ?",
        "Que devient mon compteur si je change de filiale en février ?",
    ),
    "en": (
        "Why is reference ZX-81 of the north site listed twice?",
        "Who approved the Brumaire quote?",
        "Which clause applies to the subcontractor in Lorient?",
        "May the night bonus and standby pay be combined on assignment?",
        "What happens to my counter if I move to another subsidiary in February?",
    ),
}
"""Questions that the assistant has no answer to."""


def find(text: str) -> Topic | None:
    """The topic of which a keyword stands in the text."""
    lowered = text.lower()
    return next((topic for topic in TOPICS if any(word in lowered for word in topic.keywords)), None)


_FRENCH = re.compile(
    r"\b(je|le|la|les|un|une|des|mon|ma|est|que|quel|quelle|comment|pourquoi|qui|merci|oui|bonjour|avec|pas|ai|au)\b|[àâçéèêëîïôùûœ]"
)


def language(text: str) -> Language:
    """French when a common French word or an accent is there, English otherwise."""
    return "fr" if _FRENCH.search(text.lower()) else "en"
