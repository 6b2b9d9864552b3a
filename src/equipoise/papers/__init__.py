"""The papers, claim by claim: what each says, what is measured here, and the figures drawn again."""

from equipoise.papers.entry import Check as Check
from equipoise.papers.entry import Data as Data
from equipoise.papers.entry import Entry as Entry
from equipoise.papers.entry import at_least as at_least
from equipoise.papers.entry import at_most as at_most
from equipoise.papers.entry import near as near
from equipoise.papers.paper import Paper as Paper
from equipoise.papers.registry import known as known
from equipoise.papers.registry import paper as paper
from equipoise.papers.registry import papers as papers
from equipoise.papers.report import Outcome as Outcome
from equipoise.papers.report import Report as Report
from equipoise.papers.reproduce import reproduce as reproduce
