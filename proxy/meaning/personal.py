"""Takes what plainly names a person out of a text before anybody is shown it: mail addresses, numbers of phones, accounts, cards.

Rules of shape find what has one. A name, a street or an illness has none and stays: who switches on reviews or a judge lets
people or a model read what users wrote. Each rule leaves a word in brackets, so that an answer can still be judged.
"""

from __future__ import annotations

from typing import Final

from proxy.meaning.patterns import Pattern

_RULES: Final = tuple(
    (Pattern(pattern), filler)
    for pattern, filler in (
        # Credentials: long runs of letters with digits as keys and tokens have, and what follows "password:".
        (r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", b"[token]"),
        (r"\b(?:sk|pk|rk|ghp|gho|xox[abp]|kpt|glpat|AKIA)[-_]?[A-Za-z0-9_-]{12,}", b"[token]"),
        (r"(?i)\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{12,}", b"[token]"),
        (
            r"(?i)\b(?:password|passwort|passwd|pwd|mdp|passe|pin|token|secret|api[ _-]?key)\s*(?:[:=]|is|est)\s*\S+",
            b"[secret]",
        ),
        (r"(?i)\b[a-z][a-z0-9+.-]{1,15}://[^\s/@]+@", b"[login]@"),
        (r"(?i)[\p{L}\p{N}._%+'-]+\s?(?:@|\(at\)|\[at\])\s?[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+", b"[mail]"),
        # ISO 13616, in groups of four or at a stretch.
        (r"(?i)\b[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?\b", b"[account]"),
        # Social security, of France.
        (r"\b[12] ?[0-9]{2} ?[0-9]{2} ?[0-9AB]{2} ?[0-9]{3} ?[0-9]{3}(?: ?[0-9]{2})?\b", b"[number]"),
        # ITU-T E.164 and national forms: 8 to 15 digits in groups.
        (r"(?:\+|\b00)[0-9]{1,3}(?:[ ./()\x{00a0}\x{202f}-]*[0-9]){6,13}", b"[phone]"),
        (r"\(?\b0[0-9](?:[ ./()\x{00a0}\x{202f}-]*[0-9]){6,11}\b", b"[phone]"),
        (r"\(?\b[0-9]{3}\)?[ .-]?[0-9]{3}[ .-][0-9]{4}\b", b"[phone]"),
        # ISO/IEC 7812: 13 to 19 digits, mostly in fours.
        (r"\b[0-9](?:[ .-]?[0-9]){12,18}\b", b"[number]"),
        # What is left of long numbers: matriculation, files.
        (r"[0-9]{6,}", b"[number]"),
        # Addresses of machines.
        (r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b", b"[address]"),
    )
)


def redacted(text: str) -> str:
    """The text without what the rules know. Linear in its length."""
    found = text.encode("utf-8", "replace")
    for pattern, filler in _RULES:
        found = pattern.without(found, filler)
    return found.decode("utf-8", "replace")
