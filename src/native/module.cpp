// The Python module: arrays in, threads over the groups of replicates, Ctrl-C answered while they run.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#ifdef EQ_X86
#include <immintrin.h>
#endif

#include "ensemble.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace {

using equipoise::Build;
using equipoise::Experiment;
using equipoise::Group;
using equipoise::Rows;

template <class T, class... Shape>
using Array = nb::ndarray<T, Shape..., nb::c_contig, nb::device::cpu>;
template <class T>
using Vector = Array<const T, nb::ndim<1>>;

constexpr auto PATIENCE = std::chrono::milliseconds(50);  // between two looks for Ctrl-C

const Build& build_named(const std::string& name) {
    const Build* found = equipoise::build_for(name.c_str());
    if (!found) throw std::invalid_argument("this processor cannot run the build " + name);
    return *found;
}

template <class Real>
auto advance_of(const Build& build) {
    if constexpr (std::is_same_v<Real, double>) return build.advance_double;
    else return build.advance_float;
}

template <class Real>
int lanes_of(const Build& build) {
    return std::is_same_v<Real, double> ? build.lanes_double : build.lanes_float;
}

template <class Real>
int64_t work_of(const Build& build, const Experiment<Real>& experiment) {
    if constexpr (std::is_same_v<Real, double>) return build.work_double(experiment);
    else return build.work_float(experiment);
}

// Memory aligned to a pack.
template <class Real>
struct Scratch {
    Real* memory;
    explicit Scratch(int64_t size) {
        memory = static_cast<Real*>(::operator new(sizeof(Real) * size_t(std::max<int64_t>(size, 1)), std::align_val_t(64)));
    }
    Scratch(const Scratch&) = delete;
    ~Scratch() { ::operator delete(memory, std::align_val_t(64)); }
};

// Numbers too small for full precision become zero in this thread, as in XLA; they would take a hundred times as long.
struct FlushToZero {
#ifdef EQ_X86
    FlushToZero() { _mm_setcsr(_mm_getcsr() | 0x8040); }
#endif
};

// A matrix by its rows; it refers to the arrays.
template <class Real>
struct Matrix {
    Vector<int64_t> start;
    Vector<int32_t> columns;
    Vector<Real> values;
    int rows, width;

    Rows<Real> view() const {
        const bool dense = start.shape(0) == 0;
        return {start.data(), dense ? nullptr : columns.data(), values.data(), rows, width};
    }
};

// Runs `task(0)` … `task(count − 1)` in threads, and looks for Ctrl-C meanwhile; `stop` is set to 1 after it.
template <class Task>
void in_threads(int count, int threads, volatile int& stop, Task task) {
    std::atomic<int> next{0};
    std::mutex mutex;
    std::condition_variable done;
    int at_work = std::max(1, std::min(count, threads));
    auto serve = [&] {
        const FlushToZero flush;
        for (int i = next++; i < count && !stop; i = next++) task(i);
        const std::lock_guard<std::mutex> lock(mutex);
        --at_work;
        done.notify_all();
    };
    std::vector<std::thread> crew;
    for (int i = 0, hired = at_work; i < hired; ++i) crew.emplace_back(serve);
    bool interrupted = false;
    while (true) {
        bool finished;
        {
            const nb::gil_scoped_release release;
            std::unique_lock<std::mutex> lock(mutex);
            finished = done.wait_for(lock, PATIENCE, [&] { return at_work == 0; });
        }
        if (finished) break;
        if (!interrupted && PyErr_CheckSignals() != 0) {
            interrupted = true;
            stop = 1;
        }
    }
    {
        const nb::gil_scoped_release release;
        for (auto& one : crew) one.join();
    }
    if (interrupted) throw nb::python_error();
}

template <class Real>
void advance(
    Array<Real, nb::ndim<3>> x, Array<Real, nb::ndim<3>> y, Array<const uint32_t, nb::ndim<2>> keys,
    Array<int64_t, nb::ndim<1>> ended, Array<Real, nb::ndim<4>> seen_x, Array<Real, nb::ndim<4>> seen_y,
    Vector<int64_t> visits, const std::vector<Matrix<Real>*>& forward, const std::vector<Matrix<Real>*>& backward, Array<const Real, nb::ndim<2>> step_sizes,
    Array<const Real, nb::ndim<2>> deviations, double factor, double limit, int64_t first, int threads, const std::string& name
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
    std::vector<int64_t> number;
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
    }
    const int lanes = lanes_of<Real>(build), running = int(number.size());
    const int groups = (running + lanes - 1) / lanes;
    std::vector<int64_t> when(size_t(running), -1);
    volatile int stop = 0;
    const int64_t work = work_of<Real>(build, of);
    in_threads(groups, threads, stop, [&](int group) {
        const int begin = group * lanes;
        const Scratch<Real> scratch(work);
        const Group<Real> now{std::min(lanes, running - begin), &at_x[begin],     &at_y[begin],
                              &at_seen_x[begin],                &at_seen_y[begin], &of_key[2 * begin],
                              &when[begin],                     scratch.memory,   &stop};
        advance_of<Real>(build)(of, now);
    });
    for (int i = 0; i < running; ++i) ended.data()[number[i]] = when[i];
}

template <class Real>
void normals(Array<const uint32_t, nb::ndim<1>> key, int64_t first, Array<Real, nb::ndim<1>> to, const std::string& name) {
    const Build& build = build_named(name);
    if constexpr (std::is_same_v<Real, double>) build.normals_double(key.data(), first, int64_t(to.shape(0)), to.data());
    else build.normals_float(key.data(), first, int64_t(to.shape(0)), to.data());
}

template <class Real>
void define(nb::module_& m, const char* matrix) {
    nb::class_<Matrix<Real>>(m, matrix)
        .def(
            "__init__",
            [](Matrix<Real>* at, Vector<int64_t> start, Vector<int32_t> columns, Vector<Real> values, int rows, int width) {
                new (at) Matrix<Real>{start, columns, values, rows, width};
            },
            "start"_a, "columns"_a, "values"_a, "rows"_a, "width"_a
        );
    m.def(
        "advance", &advance<Real>, "x"_a.noconvert(), "y"_a.noconvert(), "keys"_a.noconvert(), "ended"_a.noconvert(),
        "seen_x"_a.noconvert(), "seen_y"_a.noconvert(), "visits"_a.noconvert(), "forward"_a, "backward"_a,
        "step_sizes"_a.noconvert(), "deviations"_a.noconvert(), "factor"_a, "limit"_a, "first"_a, "threads"_a, "build"_a
    );
    m.def("normals", &normals<Real>, "key"_a.noconvert(), "first"_a, "to"_a.noconvert(), "build"_a);
}

}  // namespace

NB_MODULE(_native, m) {
    nb::set_leak_warnings(false);  // the last problem is kept to the end
    define<double>(m, "Matrix64");
    define<float>(m, "Matrix32");
    m.def("build_for", [](const std::string& name) { return std::string(build_named(name).name); }, "name"_a);
}
