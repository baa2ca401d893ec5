"""Sentences of the console's frame and states."""

from __future__ import annotations

from typing import Final

PAGES: Final[dict[str, tuple[str, str]]] = {
    # frame
    "title": ("How well {assistant} serves people", "La qualité de service de {assistant}"),
    "skip": ("Skip to the figures", "Aller aux chiffres"),
    "overview.rate": ("per minute", "par minute"),
    "overview": ("All", "Tous"),
    "overview.title": ("All assistants", "Tous les assistants"),
    # by group
    "compare": ("Side by side", "Côte à côte"),
    "compare.assistants": ("Assistants", "Assistants"),
    "compare.period": ("Before and now", "Avant et maintenant"),
    "compare.channel": ("Channels", "Canaux"),
    "compare.model": ("Models", "Modèles"),
    "compare.route": ("Routes", "Routes"),
    "compare.now": ("this period", "cette période"),
    "compare.before": ("as many days before", "autant de jours avant"),
    "compare.dates": ("Choose two periods", "Choisir deux périodes"),
    "compare.from": ("compared with", "comparée à celle du"),
    "compare.reset": ("With the time before", "Avec la période précédente"),
    "compare.with": ("Compare with", "Comparer avec"),
    "compare.difference": ("Difference", "Différence"),
    "compare.about": (
        "Below the values their 95% intervals. Of twenty figures that are equal one looks different beyond chance.",
        "Sous les valeurs, leurs intervalles à 95 %. Sur vingt chiffres égaux, un paraît différent au-delà du hasard.",
    ),
    "compare.empty.title": ("Nothing to compare", "Rien à comparer"),
    "compare.empty.text": ("There are not two of this kind in this period.", "Il n’y en a pas deux sur cette période."),
    "groups": ("By group", "Par groupe"),
    "groups.title": ("{assistant} by group", "{assistant} par groupe"),
    "groups.by": ("Group by", "Grouper par"),
    "group.channel": ("Channel", "Canal"),
    "group.department": ("Department", "Service"),
    "group.profile": ("Profile", "Profil"),
    "group.model": ("Model", "Modèle"),
    "group.route": ("Route", "Chemin"),
    "groups.rest": ("not known", "non renseigné"),
    "groups.none": ("no whole week yet", "aucune semaine complète"),
    "groups.whole": (
        "groups of people are shown for whole weeks or months",
        "les groupes de personnes sont montrés par semaines ou mois entiers",
    ),
    "groups.hidden": ("groups hidden: {count}", "groupes masqués : {count}"),
    "groups.empty.title": ("No groups to show", "Aucun groupe à montrer"),
    "groups.empty.people": (
        "Departments and profiles come from people.directory, and are shown once a whole week has passed.",
        "Services et profils viennent de people.directory ; ils apparaissent après une semaine complète.",
    ),
    "groups.empty.traffic": (
        "None of the traffic of this period had such a label.",
        "Aucun échange de cette période ne portait ce libellé.",
    ),
    "assistants": ("Assistant", "Assistant"),
    "period": ("Period", "Période"),
    "days.1": ("Day", "Jour"),
    "days.7": ("Week", "Semaine"),
    "days.28": ("Month", "Mois"),
    "days.91": ("Quarter", "Trimestre"),
    "days.396": ("13 months", "13 mois"),
    "language": ("Language", "Langue"),
    "sign.out": ("Sign out", "Se déconnecter"),
    # live strip
    "live": ("Live", "En direct"),
    "live.label": ("The last hour, on this host", "La dernière heure, sur cette machine"),
    "live.rate": ("turns in the last minute", "échanges sur la dernière minute"),
    "live.p95": ("95% answered within", "95 % des réponses sous"),
    "live.errors": ("errors, last 15 min", "erreurs, 15 dernières min"),
    "live.open": ("open sessions", "sessions ouvertes"),
    "live.hour": ("turns per minute, last hour", "échanges par minute, 1 h"),
    "live.ok": (
        "Watching: {relays} of {wanted} relays, {lag} behind",
        "Observation : {relays} relais sur {wanted}, retard {lag}",
    ),
    "live.store": (
        "The store is away: figures wait, {pending} events kept here",
        "Le stockage ne répond pas : chiffres en attente, {pending} événements gardés ici",
    ),
    "live.relays": ("No relay is connected: nothing is seen", "Aucun relais connecté : rien n’est observé"),
    "uptime.up": ("{probe}: answers; {share} of the last 24 h", "{probe} : répond ; {share} des dernières 24 h"),
    "uptime.down": ("{probe}: does not answer; {share} of the last 24 h", "{probe} : ne répond pas ; {share} des dernières 24 h"),
    "live.books": (
        "{seen} events seen = {counted} counted + {pending} waiting + {dropped} dropped",
        "{seen} événements vus = {counted} comptés + {pending} en attente + {dropped} abandonnés",
    ),
    "live.people": (
        "directory of {names} can't be read, the one before is in use",
        "annuaire de {names} illisible, le précédent reste en usage",
    ),
    "live.keys": (
        "keys of the tokens of {names} can't be had, those before are in use",
        "clés des jetons de {names} indisponibles, les précédentes restent en usage",
    ),
    "live.dropped": ("{dropped} copies given up", "{dropped} copies abandonnées"),
    "live.level.no_texts": ("overloaded: texts are not kept", "surcharge : les textes ne sont pas conservés"),
    "live.level.timings": (
        "overloaded: only times and sizes are kept",
        "surcharge : seuls les temps et les tailles sont conservés",
    ),
    "live.level.bytes": ("overloaded: only sums are kept", "surcharge : seules les sommes sont conservées"),
    # states
    "empty.title": ("Waiting for the first conversation", "En attente de la première conversation"),
    "empty.text": (
        (
            "Point the clients of {assistant} at {listen}. What they say shows here within seconds, and in the figures once"
            " sessions settle."
        ),
        (
            "Dirigez les clients de {assistant} vers {listen}. Leurs échanges apparaissent ici en quelques secondes, et dans"
            " les chiffres une fois les sessions closes."
        ),
    ),
    "down.title": ("The figures can’t be read now", "Les chiffres sont momentanément illisibles"),
    "down.text": (
        (
            "The store does not answer. Traffic passes as always, and what is learned from it waits on this host: nothing is"
            " lost. This page will show the figures again when the store is back."
        ),
        (
            "Le stockage ne répond pas. Le trafic passe normalement et ce qui en est appris attend sur cette machine : rien"
            " n’est perdu. Les chiffres reviendront ici avec le stockage."
        ),
    ),
    "retry": ("Try again", "Réessayer"),
    "missing.title": ("There is nothing here", "Il n’y a rien ici"),
    "missing.text": ("This address belongs to no page of the console.", "Cette adresse ne mène à aucune page de la console."),
    "missing.assistant": ("There is no assistant of this name.", "Aucun assistant ne porte ce nom."),
    "fault.title": ("This page failed", "Cette page a échoué"),
    "fault.text": (
        "The reason is in the log. Traffic and figures are not touched by it.",
        "La raison est dans le journal. Le trafic et les chiffres ne sont pas touchés.",
    ),
    "refused.title": ("Not from this address", "Adresse refusée"),
    "refused.text": (
        "The console answers on loopback under localhost, 127.0.0.1 or [::1] only.",
        "La console ne répond en local que sous localhost, 127.0.0.1 ou [::1].",
    ),
    "denied.title": ("Not with your token", "Pas avec votre jeton"),
    "denied.department": (
        "This page is of the whole assistant, and your token of a department: its figures are under Strategic and By group.",
        "Cette page porte sur tout l’assistant, et votre jeton sur un service : ses chiffres sont sous Stratégie et Par groupe.",
    ),
    "denied.text": (
        "You are signed in, and this page is for readers of another role. Who runs the proxy can give you a token for it.",
        "Vous êtes connecté, mais cette page demande un autre rôle. La personne qui exploite le proxy peut vous donner un jeton.",
    ),
    "home": ("To the first page", "Vers la première page"),
    # sign in
    "login.title": ("Sign in", "Connexion"),
    "login.text": (
        "Whoever runs the proxy makes tokens with kpi-proxy token add, and gives you yours.",
        "La personne qui exploite le proxy crée les jetons avec kpi-proxy token add et vous remet le vôtre.",
    ),
    "login.token": ("Token", "Jeton"),
    "login.go": ("Sign in", "Se connecter"),
    "login.wrong": ("This is no token that is good.", "Ce jeton n’est pas valable."),
    "login.wait": (
        "Too many wrong tokens came from your address. Try again in some minutes.",
        "Trop de jetons erronés depuis votre adresse. Réessayez dans quelques minutes.",
    ),
    # foot
    "file.chart": ("Chart as SVG", "Graphique en SVG"),
    "file.table": ("Table as CSV", "Tableau en CSV"),
    "foot.report": ("Report of last month", "Rapport du mois dernier"),
    "foot.json": ("These figures as JSON", "Ces chiffres en JSON"),
    "foot.metrics": ("Metrics", "Métriques"),
    "foot.sampled": (
        "No name is stored. Texts of a sample of conversations are kept for some days, sealed, to be scored.",
        "Aucun nom n’est conservé. Les textes d’un échantillon de conversations sont gardés quelques jours, chiffrés, et notés.",
    ),
    "foot.privacy": ("No message and no name is stored.", "Aucun message ni aucun nom n’est conservé."),
}
