// Descent at known entries for Python.
#include "arrays.hpp"
#include "entry_walk.hpp"
#include "threads.hpp"

namespace equipoise {
namespace {

constexpr int64_t MOST_VECTORS_OF_A_ROW = 1024;

inline void require(bool fits) {
    if (!fits) throw std::invalid_argument("the sizes of factors, entries, looks and steps do not belong together");
}

// One order of the entries: where each row begins, the places in the other direction, and the values.
template <class Real>
struct Order {
    Numbers<int64_t> start;
    Numbers<int32_t> others;
    Numbers<Real> values;

    // Refuses places outside a matrix of so many rows and columns.
    void check(int rows, int columns) const {
        const int64_t count = int64_t(values.shape(0));
        require(rows >= 0 && int64_t(start.shape(0)) == int64_t(rows) + 1 && int64_t(others.shape(0)) == count);
        require(start.data()[0] == 0 && start.data()[rows] == count);
        for (int row = 0; row < rows; ++row) require(start.data()[row] <= start.data()[row + 1]);
        for (int64_t entry = 0; entry < count; ++entry) require(others.data()[entry] >= 0 && others.data()[entry] < columns);
    }
};

// The known entries of a matrix, by rows and by columns; it refers to the arrays.
template <class Real>
struct KnownEntries {
    Order<Real> by_rows, by_columns;
    int rows, columns;

    Observed<Real> view(const Order<Real>& of, int height, int vectors) const {
        return {of.start.data(), of.others.data(), of.values.data(), height, vectors};
    }
};

// Two numbers of each case for each step, or for all steps, or none.
template <class Real>
bool is_schedule(const Array<const Real, nb::ndim<3>>& numbers, int64_t cases, int64_t steps, bool may_be_none) {
    const int64_t rows = int64_t(numbers.shape(0));
    return int64_t(numbers.shape(1)) == cases && numbers.shape(2) == 2 &&
           (rows == 1 || rows >= steps || (may_be_none && rows == 0));
}

template <class Real>
void complete(
    Array<Real, nb::ndim<3>> x, Array<Real, nb::ndim<3>> y, Array<const uint32_t, nb::ndim<2>> keys,
    Array<int64_t, nb::ndim<1>> ended, Array<Real, nb::ndim<4>> seen_x, Array<Real, nb::ndim<4>> seen_y,
    Numbers<int64_t> visits, const KnownEntries<Real>& known, Array<const Real, nb::ndim<3>> step_sizes,
    Array<const Real, nb::ndim<3>> deviations, Numbers<int64_t> of_case, double factor, double limit, int64_t first, int threads, const std::string& name
) {
    const Functions<Real>& run = build_named(name).functions(Real());
    const int64_t replicates = int64_t(x.shape(0)), d1 = int64_t(x.shape(1)), d2 = int64_t(y.shape(1)), width = int64_t(x.shape(2));
    const int64_t vectors = (width + run.vector_width - 1) / run.vector_width, looks = int64_t(visits.shape(0));
    require(d1 == known.rows && d2 == known.columns && int64_t(y.shape(2)) == width && int64_t(y.shape(0)) == replicates);
    require(width > 0 && vectors <= MOST_VECTORS_OF_A_ROW && int64_t(ended.shape(0)) == replicates);
    require(int64_t(keys.shape(0)) == replicates && keys.shape(1) == 2);
    const auto fits = [&](const Array<Real, nb::ndim<4>>& seen, int64_t d) {
        return int64_t(seen.shape(0)) >= looks && int64_t(seen.shape(1)) == replicates && int64_t(seen.shape(2)) == d &&
               int64_t(seen.shape(3)) == width;
    };
    require(fits(seen_x, d1) && fits(seen_y, d2));
    for (int64_t i = 0; i < looks; ++i) require(visits.data()[i] >= (i ? visits.data()[i - 1] : 0));
    const int64_t steps = looks ? visits.data()[looks - 1] : 0;
    const int64_t cases = int64_t(step_sizes.shape(1));
    require(is_schedule(step_sizes, cases, steps, false) && is_schedule(deviations, cases, steps, true));
    require(int64_t(of_case.shape(0)) == replicates);
    for (int64_t i = 0; i < replicates; ++i) require(of_case.data()[i] >= 0 && of_case.data()[i] < cases);

    Completion<Real> of{};
    of.by_rows = known.view(known.by_rows, int(d1), int(vectors));
    of.by_columns = known.view(known.by_columns, int(d2), int(vectors));
    of.width = int(width);
    of.factor = Real(factor);
    of.step_sizes = step_sizes.data();
    of.varying_steps = step_sizes.shape(0) > 1;
    of.deviations = deviations.shape(0) ? deviations.data() : nullptr;
    of.varying_deviations = deviations.shape(0) > 1;
    of.first = first;
    of.cases = cases;
    of.visits = visits.data();
    of.looks = looks;
    of.stride_x = replicates * d1 * width;
    of.stride_y = replicates * d2 * width;
    of.limit = limit;

    std::vector<int64_t> running;  // only those that still run take part
    for (int64_t i = 0; i < replicates; ++i)
        if (ended.data()[i] < 0) running.push_back(i);
    const auto walk_of = [&](int64_t i, int parts) {
        return EntryWalk<Real>(
            of, run, parts, keys.data() + 2 * i, of_case.data()[i], x.data() + i * d1 * width, y.data() + i * d2 * width,
            seen_x.data() + i * d1 * width, seen_y.data() + i * d2 * width
        );
    };
    // a step in parts is a step that Ctrl-C can end, and that threads can share
    const int64_t work = of.by_rows.start[d1] * vectors * run.vector_width;
    const int parts = int(std::min<int64_t>(1 + work / WORTH_A_THREAD, PARTS_OF_A_THREAD * threads));
    const int crew = std::min(parts, threads);
    volatile int stop = 0;
    if (int(running.size()) >= threads || crew == 1) {
        in_threads(int(running.size()), threads, stop, [&](int number) {
            EntryWalk<Real> walk = walk_of(running[number], parts);
            walk.serve(stop);
            ended.data()[running[number]] = walk.finish();
        });
        return;
    }
    for (int64_t i : running) {
        EntryWalk<Real> walk = walk_of(i, parts);
        in_threads(crew, crew, stop, [&](int) { walk.serve(stop); });
        ended.data()[i] = walk.finish();
    }
}

template <class Real>
void define(nb::module_& m, const char* entries) {
    nb::class_<KnownEntries<Real>>(m, entries)
        .def(
            "__init__",
            [](KnownEntries<Real>* at, Numbers<int64_t> start, Numbers<int32_t> columns, Numbers<Real> values,
               Numbers<int64_t> start_of_columns, Numbers<int32_t> rows, Numbers<Real> values_by_columns) {
                require(start.shape(0) > 0 && start_of_columns.shape(0) > 0);
                require(start.shape(0) <= (size_t(1) << 31) && start_of_columns.shape(0) <= (size_t(1) << 31));
                const int d1 = int(start.shape(0)) - 1, d2 = int(start_of_columns.shape(0)) - 1;
                const Order<Real> by_rows{start, columns, values}, by_columns{start_of_columns, rows, values_by_columns};
                by_rows.check(d1, d2);
                by_columns.check(d2, d1);
                new (at) KnownEntries<Real>{by_rows, by_columns, d1, d2};
            },
            "start"_a.noconvert(), "columns"_a.noconvert(), "values"_a.noconvert(), "start_of_columns"_a.noconvert(),
            "rows"_a.noconvert(), "values_by_columns"_a.noconvert()
        );
    m.def(
        "complete", &complete<Real>, "x"_a.noconvert(), "y"_a.noconvert(), "keys"_a.noconvert(), "ended"_a.noconvert(),
        "seen_x"_a.noconvert(), "seen_y"_a.noconvert(), "visits"_a.noconvert(), "known"_a, "step_sizes"_a.noconvert(),
        "deviations"_a.noconvert(), "of_case"_a.noconvert(), "factor"_a, "limit"_a, "first"_a, "threads"_a, "build"_a
    );
}

}  // namespace

void define_completion(nb::module_& m) {
    define<double>(m, "KnownEntries64");
    define<float>(m, "KnownEntries32");
}

}  // namespace equipoise
