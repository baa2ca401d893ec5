"""Words that any question has, whatever it is about: they tell no topic. Plain spelling, French and English together.

Beside articles, pronouns and auxiliaries these are the words of asking itself: "procédure", "expliquer", "how", "need".
"""

from __future__ import annotations

from typing import Final

_FRENCH: Final = """
a ai aide aidez aie aimerais ait an arrive au aussi autre aux avec avez avoir avons besoin bien bonjour bonsoir c ca ce
cela ces cet cette ceux chez chose ci combien comme comment concernant connaitre d dans de demarche demarches depuis des
dire dis dites dois doit donc donne donnez du elle elles en encore entre es est et etait etape etapes ete etes etre eu
eux exactement existe existent explique expliquer expliquez facon faire fait faut guide heure il ils j jamais je joindre
jour juste l la le les leur leurs lieu lui m ma mais maniere marche me merci mes moi mois mon moyen n ne necessaire
necessaires ni nom non nos notre nous obtenir ok okay on ont ou oui par pas personne peu peut peux plait plus possible
pour pourquoi pouvez pouvoir pouvons procedure procedures propos puis qu quand que quel quelle quelles quelqu quels
question qui quoi requis requises s sa sais salut sans savoir se sert ses si son sont souhaite souhaiterais sous stp
suivre sur svp t ta te temps tes toi ton toujours tous tout toute tres trouve trouver tu un une va vais vers veut veux
voici voila vos votre voudrais vouloir vous vraiment vs y
"""

_ENGLISH: Final = """
about am an and any anyone are as at be been being but by can could d did do does doing exactly explain find for from
get getting give guide had has have hello help hey hi how i if in into is it its just know let like ll long m many may
me mean more much must my need needed no not now of off ok on once one only or our out over please possible procedure
process re really regarding request required s set shall she should show so some step steps still such t tell than thank
thanks that the their them then there these they thing this those to too tool up us ve want was way we were what when
where which while who why will with would yeah yes you your
"""

COMMON: Final = frozenset(_FRENCH.split()) | frozenset(_ENGLISH.split())
