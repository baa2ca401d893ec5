"""The view of who runs the assistant: is it there, is it quick, does it fail, and is it seen."""

from __future__ import annotations

from typing import Final

from config.grafana.source.parts import Dashboard, Panel, Query, Row, Text
from config.grafana.source.queries import ANSWERED, BY_ASSISTANT, BY_CHANNEL, FAILED, VALID, count, quantile, share, turns

RATE: Final = "$__rate_interval"
DURATION: Final = "assistant_response_duration_seconds"
FIRST: Final = "assistant_response_time_to_first_seconds"
QUANTILES: Final = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))


def _same(words: str) -> Text:
    return Text(words, words)


TILES: Final = (
    Panel(
        "stat",
        Text("Availability", "Disponibilité"),
        Text(
            "Answered turns / turns that the client did not break off, over the period shown. An error or a "
            "timeout is no answer; a "
            "refusal by a filter and a 'no answer' are. Objective: 99 %.",
            "Échanges répondus / échanges que le client n'a pas interrompus, sur la période affichée. Une "
            "erreur ou un délai dépassé "
            "n'est pas une réponse ; un refus par un filtre et un « sans réponse » en sont une. Objectif : 99 %.",
        ),
        "percentunit",
        (Query(share(turns(ANSWERED), turns(VALID)), _same("")),),
        bounds=(0.99, None),
        decimals=1,
    ),
    Panel(
        "stat",
        Text("Uptime by probe", "Disponibilité par sonde"),
        Text(
            "Share of the period shown in which an address of the assistant answered the probe as expected. Empty "
            "without `probes` in the settings.",
            "Part de la période affichée pendant laquelle une adresse de l'assistant a répondu à la sonde comme attendu. "
            "Vide sans `probes` dans les réglages.",
        ),
        "percentunit",
        (
            Query(
                f"avg_over_time((max by (assistant, probe) (assistant_probe_up{{{BY_ASSISTANT}}}))[$__range:])",
                _same("{{assistant}} {{probe}}"),
            ),
        ),
        bounds=(0.99, None),
        decimals=2,
    ),
    Panel(
        "stat",
        Text("Turns per minute", "Échanges par minute"),
        Text("User messages per minute, now.", "Messages d'utilisateurs par minute, à l'instant."),
        "short",
        (Query(f"60 * sum(rate(assistant_turns_total{{{BY_CHANNEL}}}[{RATE}]))", _same("")),),
        decimals=1,
    ),
    Panel(
        "stat",
        Text("Sessions opened", "Sessions ouvertes"),
        Text(
            "Sessions that began in the period shown. A session is the turns of one conversation with gaps "
            "below session.idle (30 min).",
            "Sessions commencées pendant la période affichée. Une session réunit les échanges d'une "
            "conversation séparés de moins "
            "de session.idle (30 min).",
        ),
        "short",
        (Query(count("assistant_sessions_started_total", BY_CHANNEL), _same("")),),
        decimals=0,
    ),
    Panel(
        "stat",
        Text("Response time, p95", "Temps de réponse, p95"),
        Text(
            "95 % of the complete answers took at most this long, from the last byte of the question to the "
            "last byte of the answer. "
            "Estimated from buckets. Target: 10 s.",
            "95 % des réponses complètes ont pris au plus ce temps, du dernier octet de la question au dernier "
            "octet de la réponse. "
            "Estimé par classes. Cible : 10 s.",
        ),
        "s",
        (Query(quantile(0.95, DURATION, "$__range", BY_CHANNEL), _same("")),),
        bounds=(None, 10),
        decimals=2,
    ),
    Panel(
        "stat",
        Text("Time to first text, p95", "Premier texte, p95"),
        Text(
            "95 % of the answers showed their first text within this time after the question. Headers and "
            "empty events do not count.",
            "95 % des réponses ont montré leur premier texte dans ce délai après la question. En-têtes et "
            "événements vides ne comptent pas.",
        ),
        "s",
        (Query(quantile(0.95, FIRST, "$__range", BY_CHANNEL), _same("")),),
        decimals=2,
    ),
    Panel(
        "stat",
        Text("Error share", "Part d'erreurs"),
        Text(
            "Turns that ended in an error or a timeout / turns that the client did not break off. An alert fires above 5 %.",
            "Échanges terminés par une erreur ou un délai dépassé / échanges que le client n'a pas "
            "interrompus. Alerte au-delà de 5 %.",
        ),
        "percentunit",
        (Query(share(turns(FAILED), turns(VALID)), _same("")),),
        bounds=(None, 0.05),
        decimals=1,
    ),
    Panel(
        "stat",
        Text("Handovers", "Transferts"),
        Text(
            "Episodes with a human that began in the period shown. Over all channels.",
            "Prises en charge par un humain commencées pendant la période affichée. Tous canaux confondus.",
        ),
        "short",
        (Query(count("assistant_handovers_total", BY_ASSISTANT), _same("")),),
        decimals=0,
    ),
)

CHARTS: Final = (
    Panel(
        "timeseries",
        Text("Turns per minute by channel", "Échanges par minute et par canal"),
        Text(
            "User messages per minute. An assistant without a channel stands under its name alone.",
            "Messages d'utilisateurs par minute. Un assistant sans canal figure sous son seul nom.",
        ),
        "short",
        (
            Query(
                f"60 * sum by (assistant, channel) (rate(assistant_turns_total{{{BY_CHANNEL}}}[{RATE}]))",
                _same("{{assistant}} {{channel}}"),
            ),
        ),
    ),
    Panel(
        "timeseries",
        Text("Response time", "Temps de réponse"),
        Text(
            "Half, 95 % and 99 % of the complete answers took at most this long. Target: 10 s at p95.",
            "La moitié, 95 % et 99 % des réponses complètes ont pris au plus ce temps. Cible : 10 s au p95.",
        ),
        "s",
        tuple(Query(quantile(of, DURATION, RATE, BY_CHANNEL), _same(name)) for of, name in QUANTILES),
        bounds=(None, 10),
    ),
    Panel(
        "timeseries",
        Text("Turns by how the answer went", "Échanges selon l'issue de la réponse"),
        Text(
            "ok, no_answer (a fallback or refusal), blocked (by a filter), error, timeout, cancelled (the client left first).",
            "ok, no_answer (repli ou refus), blocked (par un filtre), error, timeout, cancelled (le client est "
            "parti avant la fin).",
        ),
        "short",
        (Query(f"sum by (outcome) (increase(assistant_turns_total{{{BY_CHANNEL}}}[{RATE}]))", _same("{{outcome}}")),),
        stacked=True,
    ),
    Panel(
        "timeseries",
        Text("Exchanges that did not end well, by reason", "Échanges HTTP mal terminés, par cause"),
        Text(
            "Seen by the relay, whatever the exchange was: client_gone, upstream_unreachable, upstream_broken, timeout, refused.",
            "Vus par le relais, quel que soit l'échange : client_gone, upstream_unreachable, upstream_broken, timeout, refused.",
        ),
        "short",
        (Query(f"sum by (reason) (increase(proxy_errors_total{{{BY_ASSISTANT}}}[{RATE}]))", _same("{{reason}}")),),
        stacked=True,
    ),
)

OBSERVATION: Final = (
    Panel(
        "timeseries",
        Text("Observer: lag and store", "Observateur : retard et base"),
        Text(
            "Seconds since the oldest event that waits for the store, and whether the store answers (1) on each host.",
            "Secondes écoulées depuis le plus ancien événement en attente de la base, et si la base répond (1), par hôte.",
        ),
        "s",
        (
            Query("max by (instance) (proxy_observer_lag_seconds)", Text("lag {{instance}}", "retard {{instance}}")),
            Query("min by (instance) (proxy_store_up)", Text("store {{instance}}", "base {{instance}}"), "short"),
        ),
    ),
    Panel(
        "timeseries",
        Text("Waiting events and copies given up", "Événements en attente et copies abandonnées"),
        Text(
            "Events that wait in the outbox for the store; copies of the traffic that were given up for a "
            "limit. The traffic itself passed.",
            "Événements en attente de la base ; copies du trafic abandonnées à cause d'une limite. Le trafic, lui, est passé.",
        ),
        "short",
        (
            Query("sum by (instance) (proxy_outbox_pending)", Text("waiting {{instance}}", "en attente {{instance}}")),
            Query(
                f"sum(increase(proxy_capture_dropped_total[{RATE}])) or vector(0)",
                Text("given up", "abandonnées"),
            ),
        ),
    ),
    Panel(
        "timeseries",
        Text("Time added by the proxy", "Temps ajouté par le proxy"),
        Text(
            "Half and 99 % of the exchanges spent at most this long in the relay itself.",
            "La moitié et 99 % des échanges ont passé au plus ce temps dans le relais lui-même.",
        ),
        "s",
        tuple(Query(quantile(of, "proxy_overhead_seconds", RATE), _same(name)) for of, name in ((0.5, "p50"), (0.99, "p99"))),
    ),
    Panel(
        "timeseries",
        Text("Connections and bytes", "Connexions et octets"),
        Text(
            "Connections of clients that are open now; bytes of bodies per second, in (questions) and out (answers).",
            "Connexions de clients ouvertes à l'instant ; octets des corps par seconde, entrants (questions) "
            "et sortants (réponses).",
        ),
        "short",
        (
            Query('sum(proxy_connections{side="client"})', Text("connections", "connexions")),
            Query(f"sum by (direction) (rate(proxy_bytes_total{{{BY_ASSISTANT}}}[{RATE}]))", _same("{{direction}}")),
        ),
    ),
    Panel(
        "timeseries",
        Text("Files of people and keys that are old", "Fichiers de personnes et clés périmés"),
        Text(
            "1 while the newest files of people, or the newest keys of tokens, of an assistant can't be used and those "
            "before are. No line where neither is configured.",
            "1 tant que les derniers fichiers de personnes, ou les dernières clés de jetons, d'un assistant sont "
            "inutilisables et que les précédents servent. Aucune courbe sans l'un ni l'autre dans les réglages.",
        ),
        "short",
        (
            Query(
                f"max by (assistant) (proxy_directory_stale{{{BY_ASSISTANT}}})",
                Text("people {{assistant}}", "personnes {{assistant}}"),
            ),
            Query(
                f"max by (assistant) (proxy_tokens_keys_stale{{{BY_ASSISTANT}}})",
                Text("keys {{assistant}}", "clés {{assistant}}"),
            ),
        ),
    ),
)

REALTIME: Final = Dashboard(
    "realtime",
    Text("kpi-proxy: real time", "kpi-proxy : temps réel"),
    Text("The last hour of the assistants.", "La dernière heure des assistants."),
    "now-1h",
    "5s",
    (
        Row(Text("Now", "Maintenant"), TILES),
        Row(Text("Traffic", "Trafic"), CHARTS),
        Row(Text("Observation", "Observation"), OBSERVATION, folded=True),
    ),
)
