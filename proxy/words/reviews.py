"""Sentences of the review queue, and of how far those who score answers agree."""

from __future__ import annotations

from typing import Final

REVIEWS: Final[dict[str, tuple[str, str]]] = {
    "reviews": ("Reviews", "Relecture"),
    "reviews.title": ("Answers of {assistant} to review", "Réponses de {assistant} à relire"),
    "reviews.unset": ("Reviews are not configured.", "La relecture n’est pas configurée."),
    "reviews.unset.about": (
        "Nothing that users write is kept. To have answers scored, set reviews.share and reviews.key_file (docs/reviews.md).",
        "Aucun texte n’est conservé. Pour noter des réponses, renseigner reviews.share et reviews.key_file (docs/reviews.md).",
    ),
    "reviews.none": ("Nothing to review now.", "Rien à relire pour le moment."),
    "reviews.none.about": (
        "Sessions of the sample come here once they have settled.",
        "Les sessions de l’échantillon arrivent ici une fois closes.",
    ),
    "reviews.down": ("The queue can’t be read now.", "La file ne peut pas être lue pour le moment."),
    "reviews.down.about": (
        "The store or the key does not answer. Nothing is lost until the texts are over.",
        "Le stockage ou la clé ne répond pas. Rien n’est perdu avant l’échéance des textes.",
    ),
    "reviews.about": (
        "Users wrote this to the assistant. Your name and the time of this look are noted. Texts are deleted after some days.",
        "Écrit par des utilisateurs. Votre nom et l’heure sont notés. Les textes sont supprimés après quelques jours.",
    ),
    "reviews.redacted": (
        "Addresses and numbers were taken out; words in brackets stand for them.",
        "Adresses et numéros ont été retirés ; des mots entre crochets les remplacent.",
    ),
    "reviews.waiting": ("Sessions that wait for you: {count}", "Sessions en attente pour vous : {count}"),
    "reviews.session": ("Session of {day}", "Session du {day}"),
    "reviews.question": ("The user", "L’utilisateur"),
    "reviews.answer": ("The assistant", "L’assistant"),
    "reviews.score": ("Answer {n}: how good is it?", "Réponse {n} : que vaut-elle ?"),
    "reviews.keys": (
        "Keys 1 to 4 score the answer that has the focus and lead to the next one.",
        "Les touches 1 à 4 notent la réponse active et mènent à la suivante.",
    ),
    "reviews.correct": ("Correct", "Correcte"),
    "reviews.partly": ("Partly", "En partie"),
    "reviews.wrong": ("Wrong", "Fausse"),
    "reviews.unsure": ("Cannot tell", "Impossible à dire"),
    "reviews.save": ("Save and show the next", "Enregistrer et passer à la suivante"),
    "reviews.taken": ("Your scores are counted.", "Vos notes sont comptées."),
    "reviews.gone": ("That session is no longer kept; nothing was counted.", "Cette session n’est plus conservée ; rien compté."),
    "reviews.none_given": ("No score was given; nothing was counted.", "Aucune note donnée ; rien n’a été compté."),
    "unset.judge_agreement": (
        "no answer was scored by both a judge and a reviewer: set reviews and judge in the settings",
        "aucune réponse notée à la fois par un modèle et un relecteur : renseigner reviews et judge dans les réglages",
    ),
    "about.judge_agreement": (
        "Cohen’s kappa of answers that both scored: 0 is chance, 1 always alike. Below 0.4 a judge can’t stand in for people.",
        "Kappa de Cohen des réponses notées par les deux : 0, le hasard ; 1, toujours pareil. Sous 0,4, le modèle ne suffit pas.",
    ),
    "about.reviewer_agreement": (
        "Cohen’s kappa over answers that two reviewers scored: no judge can agree with them better than they do.",
        "Kappa de Cohen sur les réponses notées par deux relecteurs : aucun modèle ne s’accordera mieux avec eux.",
    ),
}
