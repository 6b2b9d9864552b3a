"""Feed-forward networks: layers, activations and losses, and the problem that they form with data."""

from equipoise.problems.networks.activations import ACTIVATIONS as ACTIVATIONS
from equipoise.problems.networks.activations import AbstractActivation as AbstractActivation
from equipoise.problems.networks.activations import LeakyReLU as LeakyReLU
from equipoise.problems.networks.activations import Linear as Linear
from equipoise.problems.networks.activations import PowerReLU as PowerReLU
from equipoise.problems.networks.activations import ReLU as ReLU
from equipoise.problems.networks.activations import Sigmoid as Sigmoid
from equipoise.problems.networks.activations import Tanh as Tanh
from equipoise.problems.networks.constructors import network as network
from equipoise.problems.networks.constructors import planted_network as planted_network
from equipoise.problems.networks.layers import AbstractLayer as AbstractLayer
from equipoise.problems.networks.layers import Attention as Attention
from equipoise.problems.networks.layers import Convolution as Convolution
from equipoise.problems.networks.layers import Dense as Dense
from equipoise.problems.networks.layers import MaxPooling as MaxPooling
from equipoise.problems.networks.layers import Shared as Shared
from equipoise.problems.networks.layers import Skip as Skip
from equipoise.problems.networks.losses import LOSSES as LOSSES
from equipoise.problems.networks.losses import AbstractLoss as AbstractLoss
from equipoise.problems.networks.losses import CrossEntropy as CrossEntropy
from equipoise.problems.networks.losses import Logistic as Logistic
from equipoise.problems.networks.losses import Quadratic as Quadratic
from equipoise.problems.networks.network import Network as Network
