"""Sentences of the views: their names, their panels, and what stands in place of a figure."""

from __future__ import annotations

from typing import Final

VIEWS: Final[dict[str, tuple[str, str]]] = {
    "views": ("Views", "Vues"),
    "view.glance": ("At a glance", "En bref"),
    "view.realtime": ("Real time", "Temps réel"),
    "view.quality": ("Quality", "Qualité"),
    "view.strategic": ("Strategic", "Stratégie"),
    "audience": ("For", "Pour"),
    "reader.owner": ("the assistant’s owner", "le responsable"),
    "reader.operations": ("operations", "l’exploitation"),
    "reader.cio": ("the CIO", "le DSI"),
    "reader.cfo": ("the CFO", "le DAF"),
    "reader.manager": ("managers", "les managers"),
    # narrowing
    "narrow": ("Filter, or choose dates", "Filtrer ou choisir les dates"),
    "narrow.all": ("all", "tous"),
    "narrow.from": ("From", "Du"),
    "narrow.to": ("to", "au"),
    "narrow.go": ("Show", "Afficher"),
    "narrow.clear": ("Without filters", "Sans filtre"),
    "narrow.wrong": (
        "These dates make no period: give both, the earlier first, at most 400 days.",
        "Ces dates ne forment pas une période : donner les deux, la première d’abord, 400 jours au plus.",
    ),
    "apart.title": ("These filters don’t go together", "Ces filtres ne se combinent pas"),
    "apart.text": (
        "Figures are kept by one dimension at a time, or by department and profile together.",
        "Les chiffres sont tenus par une seule dimension, ou par service et profil ensemble.",
    ),
    "hidden.title": ("This group is too small to be shown", "Ce groupe est trop petit pour être montré"),
    "hidden.text": (
        "Its figures would tell of single people. They count in those of the whole.",
        "Ses chiffres parleraient de personnes précises. Ils comptent dans ceux de l’ensemble.",
    ),
    "running.title": ("No week of this period is over yet", "Aucune semaine de cette période n’est terminée"),
    "running.text": (
        "Groups of people are shown for whole weeks only. Choose a longer period.",
        "Les groupes de personnes sont montrés par semaines entières. Choisir une période plus longue.",
    ),
    "nothing.title": ("Nothing was seen here", "Rien n’a été observé ici"),
    "nothing.text": (
        "No turn of this period and group passed. Choose another period, or take the filters away.",
        "Aucun échange de cette période et de ce groupe. Choisir une autre période, ou retirer les filtres.",
    ),
    "compared.new": (
        "Not compared: the assistant was not in service for all of the time before.",
        "Sans comparaison : l’assistant n’était pas en service sur toute la période précédente.",
    ),
    "compared.unkept": (
        "Not compared: the time before is no longer kept whole.",
        "Sans comparaison : la période précédente n’est plus conservée en entier.",
    ),
    "partial.captured": (
        "Only {share} of the turns were captured whole: read these figures with care.",
        "Seuls {share} des échanges ont été captés en entier : lire ces chiffres avec prudence.",
    ),
    "partial.decoded": (
        "Only {share} of the exchanges were understood: read these figures with care.",
        "Seuls {share} des échanges ont été compris : lire ces chiffres avec prudence.",
    ),
    # figures
    "status.unset": ("not configured", "non configuré"),
    "fold": ("More: {about} ({count})", "Plus : {about} ({count})"),
    "fold.ratings": ("ratings", "avis"),
    "fold.tone": ("how messages sound", "ton des messages"),
    "fold.answers": ("answers", "réponses"),
    "unset": ("Not configured: {count}", "Non configurés : {count}"),
    "reason.unset": ("not configured here", "non configuré ici"),
    "unset.answer_precision_review": (
        "no answers were reviewed by people: set reviews in the settings",
        "aucune réponse relue par des personnes : renseigner reviews dans les réglages",
    ),
    "unset.answer_precision_judge": (
        "no answers were judged by a model: set judge in the settings",
        "aucune réponse jugée par un modèle : renseigner judge dans les réglages",
    ),
    **dict.fromkeys(
        ("unset.sentiment", "unset.sentiment_negative", "unset.sentiment_shift", "unset.sentiment_undecided"),
        ("not read: opinions.sentiment switches it on", "non lu : opinions.sentiment l’active"),
    ),
    "unset.typed_satisfaction": (
        "switched off: opinions.typed switches it on",
        "désactivé : opinions.typed l’active",
    ),
    "about.turns": ("Messages of users.", "Messages des utilisateurs."),
    "about.sessions": ("Settled sessions, without tests.", "Sessions closes, hors tests."),
    "about.availability": (
        "Turns that the assistant was up for, without 4xx answers and those that clients broke off.",
        "Échanges où l’assistant répondait, hors réponses 4xx et abandons du client.",
    ),
    "about.response_time_within_target": (
        "Complete answers faster than the target, among all complete ones.",
        "Réponses complètes plus rapides que l’objectif, parmi toutes les complètes.",
    ),
    "about.time_to_first": (
        "From the last byte of the question to the first text of the answer.",
        "Du dernier octet de la question au premier texte de la réponse.",
    ),
    "about.failure_rate": (
        "Settled sessions whose last answer was an error.",
        "Sessions closes dont la dernière réponse était une erreur.",
    ),
    "about.csat_response_rate": (
        "Settled sessions with a rating: how far satisfaction speaks for everybody.",
        "Sessions closes avec un avis : ce que la satisfaction dit de l’ensemble.",
    ),
    "about.csat_response_rate_automated": (
        "Automated sessions with a rating. If far more of them are rated than of the others, satisfaction speaks for them alone.",
        "Sessions automatisées avec un avis. Bien plus notées que les autres, elles parlent seules dans la satisfaction.",
    ),
    "about.csat_response_rate_handed_over": (
        "Sessions handed to a human that were rated: what people thought of a chat that the assistant could not end.",
        "Sessions transférées et notées : ce que l’on a pensé d’un échange que l’assistant n’a pu mener à bien.",
    ),
    "about.no_answer_rate": (
        "Settled sessions that ended with “I don’t know”.",
        "Sessions closes finies par « je ne sais pas ».",
    ),
    "about.nps": (
        "People who would recommend the assistant (9 or 10 of 10) minus those who would not (0 to 6), per hundred answers.",
        "Ceux qui recommanderaient l’assistant (9 ou 10 sur 10) moins ceux qui ne le feraient pas (0 à 6), pour cent réponses.",
    ),
    "about.recontact_rate": (
        "Resolved sessions whose user wrote again before they settled.",
        "Sessions résolues dont l’utilisateur a réécrit avant leur clôture.",
    ),
    "about.wau": (
        "Different people who wrote in the last full week.",
        "Personnes différentes ayant écrit la dernière semaine complète.",
    ),
    "about.mau": ("Different people who wrote in 28 days.", "Personnes différentes ayant écrit en 28 jours."),
    "about.stickiness": (
        "People of a mean day among those of 28 days: 20% is about one day of the working week.",
        "Personnes d’un jour moyen parmi celles de 28 jours : 20 % correspond à un jour ouvré par semaine.",
    ),
    "about.answer_precision_explicit": (
        "Answers that people rated as good, among those they rated as good or bad; the last rating of each answer counts.",
        "Réponses jugées bonnes par les utilisateurs, parmi celles jugées bonnes ou mauvaises ; le dernier avis compte.",
    ),
    "about.answer_precision_review": (
        "Answers that reviewers found right, among the sampled ones that they judged.",
        "Réponses jugées justes par les relecteurs, parmi celles de l’échantillon qu’ils ont jugées.",
    ),
    "about.answer_precision_judge": (
        "Answers that a language model found right, among the sampled ones that it judged: an estimate.",
        "Réponses jugées justes par un modèle de langage, parmi celles de l’échantillon qu’il a jugées : une estimation.",
    ),
    "about.reformulation_rate": (
        "Answers after which the same was asked again within two minutes, in the same words or in others: an estimate.",
        "Réponses après lesquelles la même personne a reposé la question dans les deux minutes : une estimation.",
    ),
    "about.answer_precision_signals": (
        "Answers after which nobody asked again, asked otherwise or left, among those that this tells of: an estimate.",
        "Réponses sans nouvelle demande, reformulation ni départ ensuite, parmi celles dont cela se dit : une estimation.",
    ),
    "about.typed_satisfaction": (
        "Good ratings that people typed into the chat, such as 👍 or 4/5, among all they typed; no part of satisfaction.",
        "Avis positifs écrits dans le chat, comme 👍 ou 4/5, parmi tous ceux écrits ; hors satisfaction.",
    ),
    "about.sentiment": (
        "Messages that sound positive minus those that sound negative, per hundred decided ones; rules judge words.",
        "Messages au ton positif moins ceux au ton négatif, pour cent messages tranchés ; des règles jugent les mots.",
    ),
    "about.sentiment_negative": (
        "Messages that sound negative, among the decided ones. A floor: complaints without words of displeasure stay undecided.",
        "Messages au ton négatif parmi les tranchés. Un minimum : les plaintes sans mots de déplaisir restent indécises.",
    ),
    "about.sentiment_shift": (
        "Sessions whose last message sounds better than the first minus those where it sounds worse, per hundred.",
        "Sessions dont le dernier message a meilleur ton que le premier moins celles où il est pire, pour cent.",
    ),
    "about.sentiment_undecided": (
        "Messages of which the rules do not decide how they sound, among all they judged.",
        "Messages dont les règles ne tranchent pas le ton, parmi tous ceux jugés.",
    ),
    "about.cost_per_automated_session": (
        "All costs of the assistant over the sessions that it resolved alone.",
        "Tous les coûts de l’assistant rapportés aux sessions qu’il a résolues seul.",
    ),
    "about.cost_avoided": (
        "What humans would have cost for the sessions that the assistant resolved in their place.",
        "Ce qu’auraient coûté des humains pour les sessions résolues à leur place.",
    ),
    "about.time_saved": (
        "Hours that humans did not spend: capacity, not cash.",
        "Heures que des humains n’ont pas passées : de la capacité, pas de la trésorerie.",
    ),
    "about.roi": ("Net benefit over the costs of the assistant.", "Bénéfice net rapporté aux coûts de l’assistant."),
    # charts
    "chart.hour": ("{name}, hour by hour", "{name}, heure par heure"),
    "chart.day": ("{name}, day by day", "{name}, jour par jour"),
    "chart.week": ("{name}, week by week", "{name}, semaine par semaine"),
    "chart.month": ("{name}, month by month", "{name}, mois par mois"),
    "table.month": ("Month", "Mois"),
    "table.hour": ("Hour", "Heure"),
    "table.week": ("Week", "Semaine"),
    "table.hits": ("Counted", "Nombre"),
    "table.n": ("of", "sur"),
    "table.low": ("95% from", "95 % de"),
    "table.high": ("to", "à"),
    "week.of": ("week from {day}", "semaine du {day}"),
    "flow": ("Who served people", "Qui a servi les personnes"),
    "flow.all": ("{count} settled sessions", "{count} sessions closes"),
    "flow.served": ("By the assistant alone", "Par l’assistant seul"),
    "flow.handed": ("With a human", "Avec un humain"),
    "flow.unserved": ("Not served", "Non servies"),
    "ends": ("Sessions over time", "Sessions dans le temps"),
    "ends.about": (
        "Settled sessions by how they ended; the newest are still settling.",
        "Sessions closes selon leur issue ; les plus récentes sont en attente de clôture.",
    ),
    "times": ("How long answers take, in seconds", "Durée des réponses, en secondes"),
    "times.about": (
        "{count} complete answers, {within} within the target.",
        "{count} réponses complètes, {within} dans l’objectif.",
    ),
    "times.empty": ("No complete answer in this period.", "Aucune réponse complète sur cette période."),
    "times.took": ("Took", "Durée"),
    "times.answers": ("Answers", "Réponses"),
    "times.between": ("{low} to {high}", "{low} à {high}"),
    "times.over": ("{low} and more", "{low} et plus"),
    "topics": ("What gets no answer", "Ce qui reste sans réponse"),
    "topics.about": (
        "Words of unanswered or handed-over questions of {people} people or more, in five weeks. Sealed: {hidden}.",
        "Mots de questions sans réponse ou transférées d’au moins {people} personnes en cinq semaines. Scellés : {hidden}.",
    ),
    "topics.none": (
        "No theme of {people} people or more in the last five weeks. Sealed, of fewer: {hidden}.",
        "Aucun thème d’au moins {people} personnes en cinq semaines. Scellés, de moins : {hidden}.",
    ),
    "topics.unset": (
        "Not configured: with topics.kept in the settings, themes are sealed until enough people raised them.",
        "Non configuré : avec topics.kept dans les réglages, un thème reste scellé tant que trop peu de personnes le soulèvent.",
    ),
    "topics.theme": ("Theme", "Thème"),
    "topics.people": ("People", "Personnes"),
    "rhythm": ("When people write", "Quand on écrit"),
    "rhythm.about": (
        "Turns by hour and weekday, last four weeks; the most on {day} at {hour}.",
        "Échanges par heure et jour, quatre dernières semaines ; pointe le {day} à {hour}.",
    ),
    "rhythm.empty": ("No whole day has passed yet.", "Aucune journée complète n’est passée."),
    "cohorts": ("Who comes back", "Qui revient"),
    "cohorts.about": (
        "Of the people of each first week, the percentage that wrote again in the weeks after.",
        "Parmi les personnes de chaque première semaine, pourcentage ayant réécrit les semaines suivantes.",
    ),
    "cohorts.empty": (
        "No week with enough new people is over yet.",
        "Aucune semaine terminée avec assez de nouvelles personnes.",
    ),
    "cohorts.first": ("First week", "Première semaine"),
    "cohorts.people": ("People", "Personnes"),
    "cohorts.week": ("+{number}", "+{number}"),
    "departments": ("Adoption by department", "Adoption par service"),
    "channels": ("Volume by channel", "Volume par canal"),
    "handovers": ("Why a human took over", "Pourquoi un humain a pris le relais"),
    "handovers.about": (
        "First handover of each session; {count} handovers in all.",
        "Premier transfert de chaque session ; {count} transferts en tout.",
    ),
    "handovers.by": ("Reason", "Motif"),
    "handovers.told": ("What told of it", "Ce qui l’a révélé"),
    "handovers.empty": ("No settled session was handed over.", "Aucune session close n’a été transférée."),
    "handover.reason.user_request": ("The person asked", "À la demande de la personne"),
    "handover.reason.no_answer": ("The assistant did not know", "L’assistant ne savait pas"),
    "handover.reason.error": ("An error", "Une erreur"),
    "handover.reason.policy": ("A rule of the house", "Une règle de la maison"),
    "handover.reason.sentiment": ("The person was upset", "La personne était mécontente"),
    "handover.reason.tool": ("A tool of the assistant", "Un outil de l’assistant"),
    "handover.reason.unknown": ("Not known why", "Motif inconnu"),
    "handover.source.protocol": ("Told by the assistant’s protocol", "Dit par le protocole de l’assistant"),
    "handover.source.desk": ("Told by the service desk", "Dit par le centre de service"),
    "handover.source.tool_call": ("Told by a tool call", "Dit par un appel d’outil"),
    "handover.source.http": ("Told by an HTTP call", "Dit par un appel HTTP"),
    "handover.source.phrase_assistant": ("Recognised by the assistant’s words", "Reconnu aux mots de l’assistant"),
    "handover.source.phrase_user": ("Recognised by the person’s words", "Reconnu aux mots de la personne"),
    "basis.what": ("Of the traffic", "Du trafic"),
}
