"""The view of the assistant's owner: does it resolve, do people like it, and why do they end up with a human."""

from __future__ import annotations

from typing import Final

from config.grafana.source.answers import ANSWERS
from config.grafana.source.parts import Bounds, Dashboard, Panel, Query, Row, Text
from config.grafana.source.queries import BY_ASSISTANT, BY_CHANNEL, count, parts, ratings, settled, share, wilson

RESOLVED: Final = settled('outcome=~"resolved_.+"')
HANDED: Final = settled('outcome="handed_over"')
SATISFIED: Final = ratings('satisfied="true"')
SLO: Final = "assistant_response_slo_total"
DURATION: Final = "assistant_response_duration_seconds"

NUMBERS: Final = Text(
    " Beside it the bounds of the 95 % Wilson interval, the number of cases, and the share of the period before.",
    " À côté : les bornes de l'intervalle de Wilson à 95 %, le nombre de cas et la part de la période précédente.",
)


def _with_interval(title: Text, about: Text, part: str, whole: str, before: str, *more: Query, bounds: Bounds) -> Panel:
    return Panel(
        "stat",
        title,
        Text(about.en + NUMBERS.en, about.fr + NUMBERS.fr),
        "percentunit",
        (
            Query(share(part, whole), Text("share", "part")),
            *more,
            Query(wilson(part, whole, "-"), Text("from", "de")),
            Query(wilson(part, whole, "+"), Text("to", "à")),
            Query(whole, Text("n", "n"), "short"),
            Query(before, Text("before", "avant")),
        ),
        decimals=1,
        bounds=bounds,
    )


TILES: Final = (
    _with_interval(
        Text("Automation rate", "Taux d'automatisation"),
        Text(
            "Sessions resolved (confirmed or assumed) / settled sessions without the excluded. Target: 50-80 %.",
            "Sessions résolues (confirmées ou supposées) / sessions closes hors exclues. Cible : 50-80 %.",
        ),
        RESOLVED,
        settled(),
        share(settled('outcome=~"resolved_.+"', before=True), settled(before=True)),
        Query(share(settled('outcome="resolved_confirmed"'), settled()), Text("confirmed", "confirmée")),
        bounds=(0.5, 0.8),
    ),
    _with_interval(
        Text("CSAT", "CSAT"),
        Text(
            "Good ratings (thumb up, 4-5 of 5) / all ratings, NPS left out. Over all channels. Target: 80 %.",
            "Bonnes notes (pouce levé, 4-5 sur 5) / toutes les notes, NPS exclu. Tous canaux confondus. Cible : 80 %.",
        ),
        SATISFIED,
        ratings(),
        share(ratings('satisfied="true"', before=True), ratings(before=True)),
        bounds=(0.8, None),
    ),
    _with_interval(
        Text("Handover rate", "Taux de transfert"),
        Text(
            "Sessions handed over to a human at least once / settled sessions without the excluded. Target: 10-20 %.",
            "Sessions transférées au moins une fois à un humain / sessions closes hors exclues. Cible : 10-20 %.",
        ),
        HANDED,
        settled(),
        share(settled('outcome="handed_over"', before=True), settled(before=True)),
        bounds=(0.1, 0.2),
    ),
    Panel(
        "stat",
        Text("Response time", "Temps de réponse"),
        Text(
            "Mean of last byte of the question to last byte of the answer over complete answers (target: 10 "
            "s), and the share of them "
            "within the target.",
            "Moyenne du dernier octet de la question au dernier octet de la réponse, sur les réponses "
            "complètes (cible : 10 s), et la "
            "part d'entre elles dans la cible.",
        ),
        "s",
        (
            Query(
                f"{count(f'{DURATION}_sum', BY_CHANNEL)} / ({count(f'{DURATION}_count', BY_CHANNEL)} > 0)",
                Text("mean", "moyenne"),
            ),
            Query(
                share(count(SLO, BY_CHANNEL, 'state="within"'), count(SLO, BY_CHANNEL)),
                Text("within target", "dans la cible"),
                "percentunit",
            ),
        ),
        bounds=(None, 10),
        decimals=2,
    ),
    Panel(
        "stat",
        Text("Ratings per session", "Notes par session"),
        Text(
            "Ratings / settled sessions without the excluded: how much the CSAT can stand for. Over all channels.",
            "Notes / sessions closes hors exclues : ce que le CSAT représente. Tous canaux confondus.",
        ),
        "percentunit",
        (
            Query(
                share(ratings(), count("assistant_sessions_settled_total", BY_ASSISTANT, 'outcome!="excluded"')),
                Text("", ""),
            ),
        ),
        decimals=1,
    ),
)


def _trend(title: Text, about: Text, kpi: str, bounds: Bounds, *, interval: bool = True) -> Panel:
    queries = [Query(f'assistant_window:{kpi}:ratio{{{BY_ASSISTANT},window="7d"}}', Text("{{assistant}}", "{{assistant}}"))]
    if interval:
        for bound, words in (("lower", Text("from", "de")), ("upper", Text("to", "à"))):
            queries.append(
                Query(
                    f'assistant_window:{kpi}:wilson_{bound}{{{BY_ASSISTANT},window="7d"}}',
                    Text(f"{{{{assistant}}}} {words.en}", f"{{{{assistant}}}} {words.fr}"),
                )
            )
    return Panel("timeseries", title, about, "percentunit", tuple(queries), bounds=bounds)


SEVEN: Final = Text(
    " Each point looks back over 7 days (recording rules); over all channels.",
    " Chaque point porte sur les 7 jours précédents (règles d'enregistrement) ; tous canaux confondus.",
)


def _seven(en: str, fr: str) -> Text:
    return Text(en + SEVEN.en, fr + SEVEN.fr)


WHY: Final = (
    parts(
        Text("Outcome of sessions", "Issue des sessions"),
        Text(
            "Settled sessions of the period; each has exactly one outcome, the first that applies: excluded, "
            "handed_over, failed, "
            "no_answer, abandoned, resolved_confirmed, resolved_assumed.",
            "Sessions closes de la période ; chacune a une seule issue, la première qui s'applique : excluded, "
            "handed_over, failed, "
            "no_answer, abandoned, resolved_confirmed, resolved_assumed.",
        ),
        "assistant_sessions_settled_total",
        "outcome",
        BY_CHANNEL,
    ),
    parts(
        Text("Ratings", "Notes"),
        Text(
            "Ratings of the period by scale and whether the person was satisfied. Over all channels.",
            "Notes de la période par échelle et selon que la personne est satisfaite. Tous canaux confondus.",
        ),
        "assistant_feedback_total",
        "scale, satisfied",
        BY_ASSISTANT,
    ),
    parts(
        Text("Why people are handed over", "Pourquoi les transferts"),
        Text(
            "Episodes with a human by what came before: user_request, no_answer, error, policy, sentiment, "
            "tool, unknown. All channels.",
            "Prises en charge humaines selon ce qui précède : user_request, no_answer, error, policy, "
            "sentiment, tool, unknown. Tous canaux.",
        ),
        "assistant_handovers_total",
        "reason",
        BY_ASSISTANT,
    ),
    parts(
        Text("How handovers were recognised", "Comment les transferts sont reconnus"),
        Text(
            "Episodes by their first sign: protocol, desk, tool_call, http, phrase_assistant, phrase_user. "
            "Phrases are the least sure.",
            "Prises en charge selon leur premier signe : protocol, desk, tool_call, http, phrase_assistant, "
            "phrase_user. Les phrases sont "
            "le signe le moins sûr.",
        ),
        "assistant_handovers_total",
        "source",
        BY_ASSISTANT,
    ),
)

TRENDS: Final = (
    _trend(
        Text("Automation rate", "Taux d'automatisation"),
        _seven("Resolved / settled sessions, with its 95 % interval.", "Sessions résolues / closes, avec l'intervalle à 95 %."),
        "automation",
        (0.5, 0.8),
    ),
    _trend(
        Text("CSAT", "CSAT"),
        _seven("Good ratings / ratings, with its 95 % interval.", "Bonnes notes / notes, avec l'intervalle à 95 %."),
        "csat",
        (0.8, None),
    ),
    _trend(
        Text("Handover rate", "Taux de transfert"),
        _seven(
            "Handed over / settled sessions, with its 95 % interval.", "Sessions transférées / closes, avec l'intervalle à 95 %."
        ),
        "handover",
        (0.1, 0.2),
    ),
    _trend(
        Text("Sessions without an answer", "Sessions sans réponse"),
        _seven(
            "Sessions that ended on a fallback or refusal / settled sessions.",
            "Sessions terminées sur un repli ou un refus / sessions closes.",
        ),
        "no_answer",
        (None, None),
        interval=False,
    ),
)

REST: Final = (
    Panel(
        "timeseries",
        Text("Completeness", "Complétude"),
        Text(
            "Turns of the last 7 days whose bodies were captured whole, that a preset understood, that belong "
            "to a known conversation; and those of them whose conversation no id names, but user and pauses or what was "
            "said (derived). Above 30 % derived, figures of sessions are approximate.",
            "Échanges des 7 derniers jours dont les corps ont été captés en entier, qu'un preset a compris, "
            "rattachés à une conversation ; et ceux dont aucun identifiant ne nomme la conversation, mais "
            "l'utilisateur et les pauses ou ce qui a été dit (déduits). Au-delà de 30 % de déduits, les "
            "chiffres des sessions sont approximatifs.",
        ),
        "percent",
        (
            Query(
                f"max by (assistant, stage) (assistant_completeness_percent{{{BY_ASSISTANT}}})",
                Text("{{assistant}} {{stage}}", "{{assistant}} {{stage}}"),
            ),
            Query(
                f"max by (assistant) (assistant_conversations_derived_percent{{{BY_ASSISTANT}}})",
                Text("{{assistant}} derived", "{{assistant}} déduits"),
            ),
        ),
    ),
    parts(
        Text("What became of handovers", "Ce que deviennent les transferts"),
        Text(
            "requested (the user asked for a human), accepted, failed, completed (back with the assistant). Over all channels.",
            "requested (l'utilisateur a demandé un humain), accepted, failed, completed (retour à "
            "l'assistant). Tous canaux confondus.",
        ),
        "assistant_handovers_status_total",
        "status",
        BY_ASSISTANT,
    ),
)

QUALITY: Final = Dashboard(
    "quality",
    Text("kpi-proxy: quality", "kpi-proxy : qualité"),
    Text("How well the assistants serve people.", "Comment les assistants servent les personnes."),
    "now-7d",
    "1m",
    (
        Row(Text("Figures", "Chiffres"), TILES),
        Row(Text("Why", "Pourquoi"), WHY),
        Row(Text("Trends", "Tendances"), TRENDS),
        Row(Text("Answers and mood", "Réponses et ton"), ANSWERS, folded=True),
        Row(Text("Details", "Détails"), REST, folded=True),
    ),
)
