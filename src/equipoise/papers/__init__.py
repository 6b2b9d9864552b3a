"""The papers, claim by claim: what each says, what is measured here, and the figures drawn again."""

from equipoise.papers.machinery.check import Check as Check
from equipoise.papers.machinery.check import Data as Data
from equipoise.papers.machinery.check import at_least as at_least
from equipoise.papers.machinery.check import at_most as at_most
from equipoise.papers.machinery.check import near as near
from equipoise.papers.machinery.claim import Claim as Claim
from equipoise.papers.machinery.collect import claims_of as claims_of
from equipoise.papers.machinery.paper import Paper as Paper
from equipoise.papers.machinery.printed import Judgement as Judgement
from equipoise.papers.machinery.printed import Printed as Printed
from equipoise.papers.machinery.printed import Verdict as Verdict
from equipoise.papers.machinery.printed import jointly as jointly
from equipoise.papers.machinery.printed import judged as judged
from equipoise.papers.machinery.printed import undecided as undecided
from equipoise.papers.machinery.report import Outcome as Outcome
from equipoise.papers.machinery.report import Report as Report
from equipoise.papers.machinery.reproduce import reproduce as reproduce
from equipoise.papers.registry import known as known
from equipoise.papers.registry import paper as paper
from equipoise.papers.registry import papers as papers
