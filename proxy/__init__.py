"""kpi-proxy: learns from its traffic alone how well an AI assistant serves people.

The glossary. Every name in the code is one of these words.

assistant    one AI assistant behind the proxy: a listener, an upstream, a preset, its own KPIs
exchange     one HTTP request with its response, or one upgraded (WebSocket) connection
relay        the process that forwards bytes
capture      the relay's bounded copy of an exchange, with a *timeline* (offset -> seconds since the exchange opened)
record       what a relay ships to the observer: opening, segments of a capture, answer, ending
observer     the process that understands records and keeps the KPIs
preset       a YAML description of one assistant API on the wire
fact         a value that a preset reads from an exchange: user, conversation, texts, model, tokens, feedback, error
marker       a rule that recognises an event: handover started / requested / accepted / returned, no answer, resolved
turn         one user message and the assistant's whole answer ("interaction" in the KPI literature)
rating       one piece of feedback by a person on an answer or a session
session      turns of one conversation with gaps below the idle timeout: the unit of the KPIs
outcome      the one exclusive result of a settled session
outbox       turns and ratings committed on this host and not yet applied to the store
ledger       the sums in the store (Redis, Valkey) from which every figure is read
measure      one KPI over a period: value, numerator, denominator, interval, target, status
evidence     for a figure: definition version, sessions counted and excluded, marker and rule ids; never content
view         real time, quality, strategic
audience     who a page is for: owner, operations, CIO, CFO, manager
"""

__version__ = "0.1.0"
