// Ensembles in reduced coordinates for Python.
#include "replicates.hpp"

namespace equipoise {
namespace {

inline void require(bool fits) {
    if (!fits) throw std::invalid_argument("the sizes of coordinates, singular values and polynomials do not belong together");
}

// The polynomials of one side, of which there are none or 4.
template <class Real>
Lengths<Real> lengths_of(const Array<const Real, nb::ndim<2>>& pieces, double inner, double outer) {
    require(pieces.shape(0) == 0 || (pieces.shape(0) == 4 && pieces.shape(1) > 0));
    return {pieces.shape(0) ? pieces.data() : nullptr, int(pieces.shape(1)), Real(inner), Real(outer)};
}

template <class Real>
void advance_law(
    Array<Real, nb::ndim<3>> x, Array<Real, nb::ndim<3>> y, Array<const uint32_t, nb::ndim<2>> keys,
    Array<int64_t, nb::ndim<1>> ended, Array<Real, nb::ndim<4>> seen_x, Array<Real, nb::ndim<4>> seen_y,
    Numbers<int64_t> visits, Numbers<Real> singular_values, Array<const Real, nb::ndim<2>> beyond_x,
    Array<const Real, nb::ndim<2>> beyond_y, double inner, double outer, Array<const Real, nb::ndim<3>> step_sizes,
    Array<const Real, nb::ndim<3>> deviations, Numbers<int64_t> of_case, double factor, double limit, int64_t first, int threads, const std::string& name
) {
    const Ensemble<Real> ensemble{x, y, keys, ended, seen_x, seen_y, visits, step_sizes, deviations, of_case};
    Reduced<Real> of{};
    of.experiment = ensemble.experiment(factor, limit, first);
    of.singular_values = singular_values.data();
    of.on = int(singular_values.shape(0));
    of.further[0] = lengths_of(beyond_x, inner, outer);
    of.further[1] = lengths_of(beyond_y, inner, outer);
    require(of.experiment.rank == 1 && y.shape(2) == 1);
    for (int side = 0; side < 2; ++side) {
        const int off = (side ? of.experiment.d2 : of.experiment.d1) - of.on;
        require(off == 1 || (off == 0 && !of.further[side].pieces));
    }
    const Functions<Real>& run = build_named(name).functions(Real());
    ensemble.in_groups(run.lanes, run.law_work(of), threads, [&](const Group<Real>& group) { run.law_advance(of, group); });
}

template <class Real>
void define(nb::module_& m) {
    m.def(
        "advance_law", &advance_law<Real>, "x"_a.noconvert(), "y"_a.noconvert(), "keys"_a.noconvert(), "ended"_a.noconvert(),
        "seen_x"_a.noconvert(), "seen_y"_a.noconvert(), "visits"_a.noconvert(), "singular_values"_a.noconvert(),
        "beyond_x"_a.noconvert(), "beyond_y"_a.noconvert(), "inner"_a, "outer"_a, "step_sizes"_a.noconvert(),
        "deviations"_a.noconvert(), "of_case"_a.noconvert(), "factor"_a, "limit"_a, "first"_a, "threads"_a, "build"_a
    );
}

}  // namespace

void define_law(nb::module_& m) {
    define<double>(m);
    define<float>(m);
}

}  // namespace equipoise
