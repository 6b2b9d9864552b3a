"""The minimum nuclear norm, with a proof: the reference for the limits of factorizations."""

from equipoise.certified.certificate import Certificate as Certificate
from equipoise.certified.kkt import KKTResiduals as KKTResiduals
from equipoise.certified.kkt import kkt_residuals as kkt_residuals
from equipoise.certified.minimum import minimum_nuclear_norm as minimum_nuclear_norm
from equipoise.certified.proposed import certify as certify
from equipoise.certified.search import Progress as Progress
from equipoise.certified.small_completions import SmallCompletions as SmallCompletions
from equipoise.certified.small_completions import minimum_trace_completions as minimum_trace_completions
from equipoise.certified.status import CertificateStatus as CertificateStatus
