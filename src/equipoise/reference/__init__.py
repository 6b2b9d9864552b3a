"""The minimum nuclear norm, with a proof: what a factorization's limit is compared with."""

from equipoise.reference.certificate import Certificate as Certificate
from equipoise.reference.certificate import KKTResiduals as KKTResiduals
from equipoise.reference.certificate import kkt_residuals as kkt_residuals
from equipoise.reference.check import certify as certify
from equipoise.reference.minimum import minimum_nuclear_norm as minimum_nuclear_norm
from equipoise.reference.search import Progress as Progress
from equipoise.reference.small import SmallCompletions as SmallCompletions
from equipoise.reference.small import minimum_trace_completions as minimum_trace_completions
