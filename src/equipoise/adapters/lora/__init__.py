"""LoRA adapters, exactly: inspect, balance, resize and merge the products BA without forming them.

Reading and writing files needs safetensors (`pip install "equipoise[lora]"`), and nothing else beyond the package.
"""

from equipoise.adapters.lora.balancing import balance as balance
from equipoise.adapters.lora.factors import balanced_factors as balanced_factors
from equipoise.adapters.lora.inspection import inspect as inspect
from equipoise.adapters.lora.merging import merge as merge
from equipoise.adapters.lora.picture import draw as draw
from equipoise.adapters.lora.resizing import resize as resize
from equipoise.adapters.lora.rewritten import Rewritten as Rewritten
