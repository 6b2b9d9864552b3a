"""From recorded paths to statements: phases, rates, intervals."""

from equipoise.analysis.intervals import Interval as Interval
from equipoise.analysis.intervals import mean_interval as mean_interval
from equipoise.analysis.intervals import median_interval as median_interval
from equipoise.analysis.intervals import proportion_interval as proportion_interval
from equipoise.analysis.phases import exponential_average as exponential_average
from equipoise.analysis.phases import first_passage as first_passage
from equipoise.analysis.phases import since as since
from equipoise.analysis.rates import PowerLaw as PowerLaw
from equipoise.analysis.rates import power_law as power_law
