"""1797 handwritten digits of 8 x 8 pixels as XYᵀ of rank 10, for two balances.

Perturbed GD finds the best approximation of its rank with the wanted balance, from a start that is unbalanced by 100.
GD from the same start, with the same steps, stays unbalanced, ends in a sharper place and has not converged. It takes
about 20 seconds.
"""

from sklearn.datasets import load_digits

from equipoise.estimators import factor

digits = load_digits().data

print(f"{'':26}{'error':>10}{'balance':>10}{'λmax':>10}{'κ':>10}{'seconds':>10}")
for gamma in (1.0, 2.0):
    found = factor(digits, rank=10, gamma=gamma, start_balance=100.0)
    for row in found.comparison:
        numbers = (row.relative_error, row.balance, row.sharpness, row.condition_number, row.seconds)
        print(f"γ = {gamma:g}, {row.method:19}" + "".join(f"{number:10.5g}" for number in numbers))
    print(f"γ = {gamma:g}, error above the least possible, relative to it: {found.excess_error:.1e}\n")
