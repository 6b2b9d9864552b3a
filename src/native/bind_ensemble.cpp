// Ensembles for Python.
#include "arrays.hpp"
#include "scratch.hpp"
#include "threads.hpp"

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
    const Build& build = build_named(name);
    Experiment<Real> of{};
    of.d1 = int(x.shape(1));
    of.d2 = int(y.shape(1));
    of.rank = int(x.shape(2));
    of.factor = Real(factor);
    of.target.stages = int(forward.size());
    for (size_t i = 0; i < forward.size(); ++i) {
        of.target.forward[i] = forward[i]->view();
        of.target.backward[i] = backward[i]->view();
    }
    of.cases = int64_t(step_sizes.shape(1));
    of.step_sizes = step_sizes.data();
    of.varying_steps = step_sizes.shape(0) > 1;
    of.deviations = deviations.shape(0) ? deviations.data() : nullptr;
    of.varying_deviations = deviations.shape(0) > 1;
    of.first = first;
    of.looks = int64_t(visits.shape(0));
    of.visits = visits.data();
    of.count = of.looks ? of.visits[of.looks - 1] : 0;
    of.limit = limit;
    // only those that still run take part
    std::vector<Real*> at_x, at_y, at_seen_x, at_seen_y;
    std::vector<uint32_t> of_key;
    std::vector<int64_t> number, cases;
    const int64_t size_x = int64_t(of.d1) * of.rank, size_y = int64_t(of.d2) * of.rank;
    of.stride_x = int64_t(x.shape(0)) * size_x;
    of.stride_y = int64_t(x.shape(0)) * size_y;
    for (size_t i = 0; i < x.shape(0); ++i) {
        if (ended.data()[i] >= 0) continue;
        at_x.push_back(x.data() + int64_t(i) * size_x);
        at_y.push_back(y.data() + int64_t(i) * size_y);
        at_seen_x.push_back(seen_x.data() + int64_t(i) * size_x);
        at_seen_y.push_back(seen_y.data() + int64_t(i) * size_y);
        of_key.push_back(keys.data()[2 * i]);
        of_key.push_back(keys.data()[2 * i + 1]);
        number.push_back(int64_t(i));
        cases.push_back(of_case.data()[i]);
    }
    const Functions<Real>& run = build.functions(Real());
    const int lanes = run.lanes, running = int(number.size());
    const int groups = (running + lanes - 1) / lanes;
    std::vector<int64_t> when(size_t(running), -1);
    volatile int stop = 0;
    const int64_t work = run.work(of);
    in_threads(groups, threads, stop, [&](int group) {
        const int begin = group * lanes;
        const Scratch<Real> scratch(work);
        const Group<Real> now{std::min(lanes, running - begin), &at_x[begin],     &at_y[begin],
                              &at_seen_x[begin],                &at_seen_y[begin], &of_key[2 * begin], &cases[begin],
                              &when[begin],                     scratch.memory,   &stop};
        run.advance(of, now);
    });
    for (int i = 0; i < running; ++i) ended.data()[number[i]] = when[i];
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
