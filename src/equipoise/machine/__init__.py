"""What runs here: versions, the machine, and the compiled module; it imports no other subpackage and nothing heavy."""

from equipoise.machine.provenance import machine as machine
from equipoise.machine.provenance import processor as processor
from equipoise.machine.provenance import versions as versions
