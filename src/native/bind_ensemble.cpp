// Ensembles for Python.
#include "replicates.hpp"

namespace equipoise {
namespace {

// A matrix by its rows; it refers to the arrays.
template <class Real>
struct Matrix {
    Numbers<int64_t> start;
    Numbers<int32_t> columns;
    Numbers<Real> values;
    int rows, width;

    Rows<Real> view() const {
        const bool dense = start.shape(0) == 0;
        return {start.data(), dense ? nullptr : columns.data(), values.data(), rows, width};
    }
};

template <class Real>
void advance(
    Array<Real, nb::ndim<3>> x, Array<Real, nb::ndim<3>> y, Array<const uint32_t, nb::ndim<2>> keys,
    Array<int64_t, nb::ndim<1>> ended, Array<Real, nb::ndim<4>> seen_x, Array<Real, nb::ndim<4>> seen_y,
    Numbers<int64_t> visits, const std::vector<Matrix<Real>*>& forward, const std::vector<Matrix<Real>*>& backward, Array<const Real, nb::ndim<3>> step_sizes,
    Array<const Real, nb::ndim<3>> deviations, Numbers<int64_t> of_case, double factor, double limit, int64_t first, int threads, const std::string& name
) {
    const Ensemble<Real> ensemble{x, y, keys, ended, seen_x, seen_y, visits, step_sizes, deviations, of_case};
    Experiment<Real> of = ensemble.experiment(factor, limit, first);
    of.target.stages = int(forward.size());
    for (size_t i = 0; i < forward.size(); ++i) {
        of.target.forward[i] = forward[i]->view();
        of.target.backward[i] = backward[i]->view();
    }
    const Functions<Real>& run = build_named(name).functions(Real());
    ensemble.in_groups(run.lanes, run.work(of), threads, [&](const Group<Real>& group) { run.advance(of, group); });
}

template <class Real>
void define(nb::module_& m, const char* matrix) {
    nb::class_<Matrix<Real>>(m, matrix)
        .def(
            "__init__",
            [](Matrix<Real>* at, Numbers<int64_t> start, Numbers<int32_t> columns, Numbers<Real> values, int rows, int width) {
                new (at) Matrix<Real>{start, columns, values, rows, width};
            },
            "start"_a, "columns"_a, "values"_a, "rows"_a, "width"_a
        );
    m.def(
        "advance", &advance<Real>, "x"_a.noconvert(), "y"_a.noconvert(), "keys"_a.noconvert(), "ended"_a.noconvert(),
        "seen_x"_a.noconvert(), "seen_y"_a.noconvert(), "visits"_a.noconvert(), "forward"_a, "backward"_a,
        "step_sizes"_a.noconvert(), "deviations"_a.noconvert(), "of_case"_a.noconvert(), "factor"_a, "limit"_a, "first"_a, "threads"_a, "build"_a
    );
}

}  // namespace

void define_ensemble(nb::module_& m) {
    define<double>(m, "Matrix64");
    define<float>(m, "Matrix32");
}

}  // namespace equipoise
