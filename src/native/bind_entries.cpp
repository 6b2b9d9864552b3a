// Known entries of a matrix for Python: residuals, gradients, and products at entries.
#include "arrays.hpp"
#include "parts.hpp"
#include "threads.hpp"

namespace equipoise {
namespace {

constexpr int MOST_VECTORS_OF_A_ROW = 1024;

// A factor: rows whose length is a whole number of vectors, aligned.
template <class Real>
using Factor = Array<const Real, nb::ndim<2>>;

inline bool aligned(const void* data) { return reinterpret_cast<uintptr_t>(data) % 64 == 0; }

template <class Real>
int vectors_of(const Factor<Real>& factor, const Functions<Real>& run) {
    const int width = int(factor.shape(1));
    if (width % run.vector_width || width / run.vector_width > MOST_VECTORS_OF_A_ROW || width == 0)
        throw std::invalid_argument("the rows of a factor must be padded to whole vectors");
    if (!aligned(factor.data())) throw std::invalid_argument("a factor must be aligned");
    return width / run.vector_width;
}

// Refuses factors and gradients of which the compiled code would read or write beyond the end.
inline void require(bool fits) {
    if (!fits) throw std::invalid_argument("the sizes of factors, gradients and entries do not belong together");
}

template <class Real>
void rows(
    const Observed<Real>& of, const Functions<Real>& run, int threads, const Real* x, const Real* y, Real* residual,
    Real* gradient
) {
    const int64_t work = of.start[of.rows] * of.vectors * run.vector_width;
    const int crew = int(std::min<int64_t>(threads, 1 + work / WORTH_A_THREAD));
    const auto first = even_parts(of.start, of.rows, work < WORTH_A_THREAD ? 1 : PARTS_OF_A_THREAD * crew);
    volatile int stop = 0;
    const auto task = [&](int part) { run.entry_rows(of, first[part], first[part + 1], x, y, residual, gradient); };
    if (work >= WORTH_A_THREAD) return in_threads(int(first.size()) - 1, crew, stop, task);
    const FlushToZero flush;  // starting a thread would take longer than the work
    for (int part = 0; part + 1 < int(first.size()); ++part) task(part);
}

// By rows: writes (XYᵀ − M) Y, and the residuals XYᵀ − M at the entries if there is room for them; by columns in the same way.
template <class Real>
void residuals(
    Numbers<int64_t> start, Numbers<int32_t> others, Numbers<Real> values, Factor<Real> x, Factor<Real> y,
    Array<Real, nb::ndim<1>> residual, Array<Real, nb::ndim<2>> gradient, int threads, const std::string& name
) {
    const auto& run = build_named(name).functions(Real());
    const int vectors = vectors_of(x, run);
    require(vectors_of(y, run) == vectors && gradient.shape(1) == x.shape(1) && aligned(gradient.data()) && gradient.shape(0) == x.shape(0));
    require(start.shape(0) == x.shape(0) + 1 && others.shape(0) == values.shape(0));
    require(size_t(start.data()[x.shape(0)]) == values.shape(0));
    require(residual.shape(0) == values.shape(0) || residual.shape(0) == 0);
    const Observed<Real> of{start.data(), others.data(), values.data(), int(x.shape(0)), vectors};
    rows(of, run, threads, x.data(), y.data(), residual.shape(0) ? residual.data() : nullptr, gradient.data());
}

// By rows: writes R Y for the residuals R; by columns in the same way Rᵀ X.
template <class Real>
void gathered(
    Numbers<int64_t> start, Numbers<int32_t> others, Array<Real, nb::ndim<1>> residual, Factor<Real> y,
    Array<Real, nb::ndim<2>> gradient, int threads, const std::string& name
) {
    const auto& run = build_named(name).functions(Real());
    const int vectors = vectors_of(y, run);
    require(gradient.shape(1) == y.shape(1) && aligned(gradient.data()) && start.shape(0) == gradient.shape(0) + 1);
    require(others.shape(0) == residual.shape(0) && size_t(start.data()[gradient.shape(0)]) == residual.shape(0));
    const Observed<Real> of{start.data(), others.data(), nullptr, int(gradient.shape(0)), vectors};
    rows<Real>(of, run, threads, nullptr, y.data(), residual.data(), gradient.data());
}

// Writes x · y at the entries.
template <class Real>
void products(
    Numbers<int32_t> rows, Numbers<int32_t> columns, Factor<Real> x, Factor<Real> y, Array<Real, nb::ndim<1>> to, int threads,
    const std::string& name
) {
    const auto& run = build_named(name).functions(Real());
    const int vectors = vectors_of(x, run);
    require(vectors_of(y, run) == vectors && columns.shape(0) == rows.shape(0) && to.shape(0) == rows.shape(0));
    const int64_t count = int64_t(rows.shape(0)), size = std::max<int64_t>(1, WORTH_A_THREAD / (vectors * run.vector_width));
    volatile int stop = 0;
    const auto task = [&](int part) {
        const int64_t begin = part * size, end = std::min(count, begin + size);
        run.entry_products(rows.data(), columns.data(), vectors, begin, end, x.data(), y.data(), to.data());
    };
    if (count > size) return in_threads(int((count + size - 1) / size), threads, stop, task);
    const FlushToZero flush;
    task(0);
}

template <class Real>
void define(nb::module_& m) {
    m.def(
        "residuals", &residuals<Real>, "start"_a.noconvert(), "others"_a.noconvert(), "values"_a.noconvert(),
        "x"_a.noconvert(), "y"_a.noconvert(), "residual"_a.noconvert(), "gradient"_a.noconvert(), "threads"_a, "build"_a
    );
    m.def(
        "gathered", &gathered<Real>, "start"_a.noconvert(), "others"_a.noconvert(), "residual"_a.noconvert(),
        "y"_a.noconvert(), "gradient"_a.noconvert(), "threads"_a, "build"_a
    );
    m.def(
        "products", &products<Real>, "rows"_a.noconvert(), "columns"_a.noconvert(), "x"_a.noconvert(), "y"_a.noconvert(),
        "to"_a.noconvert(), "threads"_a, "build"_a
    );
}

}  // namespace

void define_entries(nb::module_& m) {
    define<double>(m);
    define<float>(m);
}

}  // namespace equipoise
