"""Laws of the perturbations that Perturbed GD draws anew at every step."""

from equipoise.core.noise import AbstractNoise as AbstractNoise
from equipoise.noise.anisotropic import AnisotropicGaussian as AnisotropicGaussian
from equipoise.noise.fading import Annealed as Annealed
from equipoise.noise.fading import Fading as Fading
from equipoise.noise.fading import Until as Until
from equipoise.noise.gaussian import Gaussian as Gaussian
from equipoise.noise.gaussian import balanced as balanced
from equipoise.noise.student_t import StudentT as StudentT
from equipoise.noise.uniform import Uniform as Uniform
