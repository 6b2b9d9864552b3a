// The stream of random numbers for Python.
#include "arrays.hpp"
#include "threads.hpp"

namespace equipoise {
namespace {

constexpr int64_t PART = 1 << 14;  // numbers in one task, a multiple of a block

template <class Real>
void normals(
    Array<const uint32_t, nb::ndim<1>> key, int64_t first, Array<Real, nb::ndim<1>> to, int threads, const std::string& name
) {
    const auto& run = build_named(name).functions(Real());
    const int64_t count = int64_t(to.shape(0));
    volatile int stop = 0;
    in_threads(int((count + PART - 1) / PART), threads, stop, [&](int part) {
        const int64_t begin = part * PART, end = std::min(count, begin + PART);
        run.normals(key.data(), first + begin, end - begin, to.data() + begin);
    });
}

template <class Real>
void define(nb::module_& m) {
    m.def(
        "normals", &normals<Real>, "key"_a.noconvert(), "first"_a, "to"_a.noconvert(), "threads"_a, "build"_a
    );
}

}  // namespace

void define_normals(nb::module_& m) {
    define<double>(m);
    define<float>(m);
}

}  // namespace equipoise
