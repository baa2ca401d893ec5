"""How right the answers are by each method that judges them, how messages sound, and what the judge may still spend."""

from __future__ import annotations

from typing import Final

from config.grafana.source.parts import Panel, Query, Text
from config.grafana.source.queries import BY_ASSISTANT, BY_CHANNEL, parts

SENTIMENT: Final = "assistant_sentiment_total"
MOODS: Final = 'class=~"negative|neutral|positive"'

ANSWERS: Final = (
    Panel(
        "timeseries",
        Text("Answer precision by method", "Précision des réponses par méthode"),
        Text(
            "Answers found correct of those judged, within 28 days, a line for each method: explicit (ratings), signals "
            "(an estimate), review (people), judge (a model). Never to be added or averaged.",
            "Réponses jugées correctes sur 28 jours, une ligne par méthode : explicit (notes), signals (estimation), review "
            "(relecteurs), judge (modèle). À ne jamais additionner ni moyenner.",
        ),
        "percent",
        (
            Query(
                f'max by (assistant, method) (assistant_answer_precision_percent{{{BY_ASSISTANT},window="28d"}})',
                Text("{{assistant}} {{method}}", "{{assistant}} {{method}}"),
            ),
        ),
    ),
    Panel(
        "timeseries",
        Text("Messages that sound negative", "Messages perçus comme négatifs"),
        Text(
            "Share of the decided messages of 7 days that sound negative, and of all that the rules leave undecided. An estimate "
            "by rules of French and English (opinions.sentiment); all channels.",
            "Part des messages classés sur 7 jours perçus comme négatifs, et part de tous que les règles laissent indécis. "
            "Estimation par règles du français et de l'anglais (opinions.sentiment) ; tous canaux.",
        ),
        "percentunit",
        (
            Query(
                f'sum by (assistant) (increase({SENTIMENT}{{{BY_ASSISTANT},class="negative"}}[7d]))'
                f" / (sum by (assistant) (increase({SENTIMENT}{{{BY_ASSISTANT},{MOODS}}}[7d])) > 0)",
                Text("{{assistant}} negative", "{{assistant}} négatifs"),
            ),
            Query(
                f'sum by (assistant) (increase({SENTIMENT}{{{BY_ASSISTANT},class="undecided"}}[7d]))'
                f" / (sum by (assistant) (increase({SENTIMENT}{{{BY_ASSISTANT}}}[7d])) > 0)",
                Text("{{assistant}} undecided", "{{assistant}} indécis"),
            ),
        ),
    ),
    parts(
        Text("How messages sound", "Ton des messages"),
        Text(
            "Messages of the period by how they sound: negative, neutral, positive, undecided. An estimate.",
            "Messages de la période selon leur ton : negative, neutral, positive, undecided. Estimation.",
        ),
        SENTIMENT,
        "class",
        BY_CHANNEL,
    ),
    Panel(
        "timeseries",
        Text("The judge's budget", "Budget du modèle juge"),
        Text(
            "Share of each limit of judge that is used (tokens or money, of the day or the month, UTC, over all hosts). At 1 it "
            "stands still until the next day or month.",
            "Part utilisée de chaque limite de judge (jetons ou argent, du jour ou du mois, UTC, tous serveurs). À 1 il "
            "s'arrête jusqu'au jour ou mois suivant.",
        ),
        "percentunit",
        (
            Query(
                f"max by (assistant, limit) (proxy_judge_budget{{{BY_ASSISTANT}}})",
                Text("{{assistant}} {{limit}}", "{{assistant}} {{limit}}"),
            ),
        ),
    ),
    Panel(
        "timeseries",
        Text("What became of answers for the judge", "Ce que deviennent les réponses à juger"),
        Text(
            "Sampled answers per hour: those that the judge scored, and those that went unjudged, by reason.",
            "Réponses de l'échantillon par heure : celles que le modèle a notées, et celles qui ne l'ont pas été, par raison.",
        ),
        "short",
        (
            Query(
                f"3600 * sum by (assistant, verdict) (rate(proxy_judge_verdicts_total{{{BY_ASSISTANT}}}[$__rate_interval]))",
                Text("{{assistant}} {{verdict}}", "{{assistant}} {{verdict}}"),
            ),
            Query(
                f"3600 * sum by (assistant, reason) (rate(proxy_judge_lost_total{{{BY_ASSISTANT}}}[$__rate_interval]))",
                Text("{{assistant}} not judged: {{reason}}", "{{assistant}} non jugées : {{reason}}"),
            ),
        ),
    ),
    parts(
        Text("Cost of the judge", "Coût du modèle juge"),
        Text(
            "What the judge's calls of the period cost, by currency, where the price of its model is known.",
            "Coût des appels du modèle juge sur la période, par devise, là où le prix de son modèle est connu.",
        ),
        "proxy_judge_cost_total",
        "currency",
        BY_ASSISTANT,
    ),
)
