"""The layers that a network is made of, one kind per file."""

from equipoise.problems.networks.layers.attention import Attention as Attention
from equipoise.problems.networks.layers.convolution import Convolution as Convolution
from equipoise.problems.networks.layers.dense import Dense as Dense
from equipoise.problems.networks.layers.interface import AbstractLayer as AbstractLayer
from equipoise.problems.networks.layers.pooling import MaxPooling as MaxPooling
from equipoise.problems.networks.layers.shared import Shared as Shared
from equipoise.problems.networks.layers.skip import Skip as Skip
