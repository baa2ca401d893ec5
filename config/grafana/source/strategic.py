"""The view of who decides: is it used, what does it take off people, does it get better over the year."""

from __future__ import annotations

from typing import Final

from config.grafana.source.parts import Bounds, Dashboard, Panel, Query, Row, Text
from config.grafana.source.queries import BY_ASSISTANT

HOURS: Final = "assistant_channel_outcome:assistant_sessions_settled:increase"
HOUR: Final = 'window="1h"'
NAME: Final = Text("{{assistant}}", "{{assistant}}")

LEDGER: Final = Text(
    " The ledger's exact figure over 28 days, as in the API; over all channels.",
    " Chiffre exact du registre sur 28 jours, comme dans l'API ; tous canaux confondus.",
)


def _ledger(en: str, fr: str) -> Text:
    return Text(en + LEDGER.en, fr + LEDGER.fr)


def _gauge(metric: str, window: str = "28d") -> str:
    return f'max by (assistant) ({metric}{{{BY_ASSISTANT},window="{window}"}})'


def _automated(period: str) -> str:
    return f'sum(sum_over_time({HOURS}{{{BY_ASSISTANT},{HOUR},outcome=~"resolved_.+"}}[{period}:1h]))'


ABOUT_ADOPTION: Final = _ledger(
    "Eligible people active in an ISO week / eligible people, mean of the full weeks. Target: 60 % after three months.",
    "Personnes éligibles actives dans une semaine ISO / personnes éligibles, moyenne des semaines complètes. "
    "Cible : 60 % à trois mois.",
)

TILES: Final = (
    Panel(
        "stat",
        Text("Adoption", "Adoption"),
        ABOUT_ADOPTION,
        "percent",
        (Query(_gauge("assistant_adoption_percent"), NAME),),
        bounds=(60, None),
        decimals=0,
    ),
    Panel(
        "stat",
        Text("People in 28 days", "Personnes sur 28 jours"),
        _ledger("Distinct people who sent a message.", "Personnes distinctes ayant envoyé un message."),
        "short",
        (Query(_gauge("assistant_users_active"), NAME),),
        decimals=0,
    ),
    Panel(
        "stat",
        Text("Automation rate", "Taux d'automatisation"),
        _ledger("Resolved / settled sessions. Target: 50-80 %.", "Sessions résolues / closes. Cible : 50-80 %."),
        "percent",
        (Query(_gauge("assistant_automation_rate_percent"), NAME),),
        bounds=(50, 80),
        decimals=0,
    ),
    Panel(
        "stat",
        Text("CSAT", "CSAT"),
        _ledger("Good ratings / ratings. Target: 80 %.", "Bonnes notes / notes. Cible : 80 %."),
        "percent",
        (Query(_gauge("assistant_csat_percent"), NAME),),
        bounds=(80, None),
        decimals=0,
    ),
    Panel(
        "stat",
        Text("Sessions automated", "Sessions automatisées"),
        Text(
            "Sessions resolved without a human that settled in the period shown: hourly counts added up "
            "(recording rules). All channels.",
            "Sessions résolues sans humain et closes dans la période affichée : somme des comptes horaires "
            "(règles). Tous canaux.",
        ),
        "short",
        (Query(_automated("$__range"), Text("", "")),),
        decimals=0,
    ),
    Panel(
        "stat",
        Text("Availability", "Disponibilité"),
        _ledger("Valid turns that were answered.", "Échanges valides ayant reçu une réponse."),
        "percent",
        (Query(_gauge("assistant_availability_percent"), NAME),),
        bounds=(99, None),
        decimals=1,
    ),
)


def _curve(title: Text, about: Text, metric: str, bounds: Bounds) -> Panel:
    return Panel("timeseries", title, about, "percent", (Query(_gauge(metric), NAME),), bounds=bounds)


CHARTS: Final = (
    Panel(
        "timeseries",
        Text("Adoption against its plan", "Adoption et plan"),
        Text(
            ABOUT_ADOPTION.en + " The plan rises evenly to 60 % in the thirteen weeks after the first figure.",
            ABOUT_ADOPTION.fr + " Le plan monte régulièrement jusqu'à 60 % dans les treize semaines suivant le premier chiffre.",
        ),
        "percentunit",
        (
            Query(f"assistant:adoption:ratio{{{BY_ASSISTANT}}}", NAME),
            Query(f"assistant:adoption_plan:ratio{{{BY_ASSISTANT}}}", Text("{{assistant}} plan", "{{assistant}} plan")),
        ),
        bounds=(0.6, None),
    ),
    Panel(
        "timeseries",
        Text("People", "Personnes"),
        Text(
            "Distinct people in 7 and 28 days, and how many may use the assistant. Groups of fewer than five are not shown.",
            "Personnes distinctes sur 7 et 28 jours, et combien peuvent utiliser l'assistant. Les groupes de "
            "moins de cinq sont tus.",
        ),
        "short",
        (
            Query(_gauge("assistant_users_active", "week"), Text("{{assistant}} this week", "{{assistant}} cette semaine")),
            Query(_gauge("assistant_users_active"), Text("{{assistant}} 28 days", "{{assistant}} 28 jours")),
            Query(
                f"max by (assistant) (assistant_users_eligible{{{BY_ASSISTANT}}})",
                Text("{{assistant}} eligible", "{{assistant}} éligibles"),
            ),
        ),
    ),
    _curve(
        Text("Automation rate", "Taux d'automatisation"),
        _ledger("Resolved / settled sessions. Target: 50-80 %.", "Sessions résolues / closes. Cible : 50-80 %."),
        "assistant_automation_rate_percent",
        (50, 80),
    ),
    _curve(
        Text("Handover rate", "Taux de transfert"),
        _ledger("Handed over / settled sessions. Target: 10-20 %.", "Sessions transférées / closes. Cible : 10-20 %."),
        "assistant_handover_rate_percent",
        (10, 20),
    ),
    _curve(
        Text("CSAT", "CSAT"),
        _ledger("Good ratings / ratings. Target: 80 %.", "Bonnes notes / notes. Cible : 80 %."),
        "assistant_csat_percent",
        (80, None),
    ),
    Panel(
        "timeseries",
        Text("Sessions by outcome", "Sessions par issue"),
        Text(
            "Sessions that settled in the week before each point, without the excluded: hourly counts added "
            "up. Over all channels.",
            "Sessions closes dans la semaine précédant chaque point, hors exclues : somme des comptes "
            "horaires. Tous canaux confondus.",
        ),
        "short",
        (
            Query(
                f'sum by (outcome) (sum_over_time({HOURS}{{{BY_ASSISTANT},{HOUR},outcome!="excluded"}}[7d:1h]))',
                Text("{{outcome}}", "{{outcome}}"),
            ),
        ),
    ),
)

REST: Final = (
    Panel(
        "timeseries",
        Text("Tokens per day by model", "Jetons par jour et par modèle"),
        Text(
            "Tokens that the assistant's API reported, in the day before each point. An API that reports none shows none.",
            "Jetons annoncés par l'API de l'assistant, dans la journée précédant chaque point. Une API qui "
            "n'en annonce pas n'en montre pas.",
        ),
        "short",
        (
            Query(
                f"sum by (model, type) (increase(assistant_tokens_total{{{BY_ASSISTANT}}}[1d]))",
                Text("{{model}} {{type}}", "{{model}} {{type}}"),
            ),
        ),
    ),
    Panel(
        "timeseries",
        Text("Cost and cost avoided, base", "Coût et coût évité, central"),
        _ledger(
            "Of the 28 days before each point, in the settings' currency. Empty until prices, costs and assumptions are set.",
            "Des 28 jours précédant chaque point, dans la devise des réglages. Vide tant que prix, coûts et hypothèses manquent.",
        ),
        "short",
        (
            Query(
                f'max by (kind, currency) (assistant_value{{{BY_ASSISTANT},scenario="base"}})',
                Text("{{kind}} {{currency}}", "{{kind}} {{currency}}"),
            ),
        ),
    ),
    Panel(
        "timeseries",
        Text("Cost by what is paid for", "Coût par poste"),
        _ledger(
            "Tokens, platform and what is paid by the month, of the 28 days before each point.",
            "Jetons, plateforme et part mensuelle, des 28 jours précédant chaque point.",
        ),
        "short",
        (
            Query(
                f"max by (kind, currency) (assistant_cost{{{BY_ASSISTANT}}})",
                Text("{{kind}} {{currency}}", "{{kind}} {{currency}}"),
            ),
        ),
    ),
    _curve(
        Text("Availability", "Disponibilité"),
        _ledger("Valid turns that were answered. Objective: 99 %.", "Échanges valides ayant reçu une réponse. Objectif : 99 %."),
        "assistant_availability_percent",
        (99, None),
    ),
)

STRATEGIC: Final = Dashboard(
    "strategic",
    Text("kpi-proxy: strategic", "kpi-proxy : stratégique"),
    Text("A year of use and quality.", "Une année d'usage et de qualité."),
    "now-1y",
    "5m",
    (
        Row(Text("Figures", "Chiffres"), TILES),
        Row(Text("Over the year", "Sur l'année"), CHARTS),
        Row(Text("Details", "Détails"), REST, folded=True),
    ),
)
