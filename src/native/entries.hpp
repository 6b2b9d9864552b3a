// Thin matrices at some entries of their product, and sparse matrices times thin ones, for matrix completion.
//
// The rows of a thin matrix are `vectors` vectors long, with zeros beyond its columns.
#pragma once

#include <utility>

#include "ensemble.hpp"
#include "pack.hpp"

namespace equipoise::EQ_ISA {

// The first half of a vector plus the second, of `bytes` bytes each.
template <class Real, int bytes, std::size_t... I>
EQ_INLINE typename VectorOf<Real, bytes>::type folded(
    typename VectorOf<Real, 2 * bytes>::type v, std::index_sequence<I...>
) {
    return __builtin_shufflevector(v, v, int(I)...) + __builtin_shufflevector(v, v, int(I + sizeof...(I))...);
}

// The sum of the numbers of a vector of `bytes` bytes.
template <class Real, int bytes>
EQ_INLINE Real sum_of(typename VectorOf<Real, bytes>::type v) {
    constexpr int half = bytes / 2 / int(sizeof(Real));
    if constexpr (half == 1) return v[0] + v[1];
    else return sum_of<Real, bytes / 2>(folded<Real, bytes / 2>(v, std::make_index_sequence<half>()));
}

constexpr int AHEAD = 8;  // the row of so many entries from now is fetched into the cache already

// The numbers of vectors in a row: known to the compiler, or not.
template <int known>
struct Length {
    static constexpr int most = known;
    constexpr explicit Length(int) {}
    constexpr operator int() const { return known; }
};
template <>
struct Length<0> {
    static constexpr int most = 1024;
    int count;
    explicit Length(int of) : count(of) {}
    operator int() const { return count; }
};

// The inner product of two rows; long ones in four sums, since each addition waits for the one before.
template <class Real, int known>
EQ_INLINE Real inner(const Vector<Real>* here, const Vector<Real>* there, Length<known> vectors) {
    typedef Vector<Real> V;
    constexpr int chains = known == 0 ? 4 : 1;
    V dot[chains];
    for (int k = 0; k < chains; ++k) dot[k] = V{};
    int c = 0;
    for (; c + chains <= vectors; c += chains)
        for (int k = 0; k < chains; ++k) dot[k] = dot[k] + here[c + k] * there[c + k];
    for (; c < vectors; ++c) dot[0] = dot[0] + here[c] * there[c];
    for (int k = 1; k < chains; ++k) dot[0] = dot[0] + dot[k];
    return sum_of<Real, EQ_VECTOR_BYTES>(dot[0]);
}

// What a pass over the entries does with the residuals: writes them, reads them, or uses each at once.
enum Residuals { WRITTEN, READ, PASSING };

// For the entries of one row: residual = x·y − value, unless it is read, and gradient = Σ residual y.
template <class Real, int known, Residuals which>
EQ_INLINE void one_row(const Observed<Real>& of, int row, const Real* x, const Real* y, Real* residual, Real* gradient) {
    typedef Vector<Real> V;
    const Length<known> vectors(of.vectors);
    const int64_t begin = of.start[row], end = of.start[row + 1];
    const V* const ys = reinterpret_cast<const V*>(y);
    V here[Length<known>::most], sum[Length<known>::most];
    for (int c = 0; c < vectors; ++c) sum[c] = V{};
    if (which != READ)
        for (int c = 0; c < vectors; ++c) here[c] = reinterpret_cast<const V*>(x)[int64_t(row) * vectors + c];
    for (int64_t entry = begin; entry < end; ++entry) {
        if (entry + AHEAD < end) __builtin_prefetch(ys + int64_t(of.others[entry + AHEAD]) * vectors);
        const V* there = ys + int64_t(of.others[entry]) * vectors;
        Real misfit;
        if (which == READ) misfit = residual[entry];
        else misfit = inner<Real, known>(here, there, vectors) - of.values[entry];
        if (which == WRITTEN) residual[entry] = misfit;
        for (int c = 0; c < vectors; ++c) sum[c] = sum[c] + misfit * there[c];
    }
    for (int c = 0; c < vectors; ++c) reinterpret_cast<V*>(gradient)[int64_t(row) * vectors + c] = sum[c];
}

template <class Real, int known>
static void rows_of_length(
    const Observed<Real>& of, int first, int last, const Real* x, const Real* y, Real* residual, Real* gradient
) {
    for (int row = first; row < last; ++row) {
        if (!of.values) one_row<Real, known, READ>(of, row, x, y, residual, gradient);
        else if (residual) one_row<Real, known, WRITTEN>(of, row, x, y, residual, gradient);
        else one_row<Real, known, PASSING>(of, row, x, y, residual, gradient);
    }
}

// The rows `first` … `last` − 1.
template <class Real>
static void entry_rows(
    const Observed<Real>& of, int first, int last, const Real* x, const Real* y, Real* residual, Real* gradient
) {
    switch (of.vectors) {
        case 1: return rows_of_length<Real, 1>(of, first, last, x, y, residual, gradient);
        case 2: return rows_of_length<Real, 2>(of, first, last, x, y, residual, gradient);
        case 3: return rows_of_length<Real, 3>(of, first, last, x, y, residual, gradient);
        case 4: return rows_of_length<Real, 4>(of, first, last, x, y, residual, gradient);
        case 5: return rows_of_length<Real, 5>(of, first, last, x, y, residual, gradient);
        case 6: return rows_of_length<Real, 6>(of, first, last, x, y, residual, gradient);
        case 7: return rows_of_length<Real, 7>(of, first, last, x, y, residual, gradient);
        case 8: return rows_of_length<Real, 8>(of, first, last, x, y, residual, gradient);
        default: return rows_of_length<Real, 0>(of, first, last, x, y, residual, gradient);
    }
}

// to[e] = x[rows[e]] · y[columns[e]] for the entries `first` … `last` − 1.
template <class Real>
static void entry_products(
    const int32_t* rows, const int32_t* columns, int vectors, int64_t first, int64_t last, const Real* x, const Real* y,
    Real* to
) {
    typedef Vector<Real> V;
    const V *const xs = reinterpret_cast<const V*>(x), *const ys = reinterpret_cast<const V*>(y);
    for (int64_t entry = first; entry < last; ++entry) {
        if (entry + AHEAD < last) {
            __builtin_prefetch(xs + int64_t(rows[entry + AHEAD]) * vectors);
            __builtin_prefetch(ys + int64_t(columns[entry + AHEAD]) * vectors);
        }
        const V *here = xs + int64_t(rows[entry]) * vectors, *there = ys + int64_t(columns[entry]) * vectors;
        V dot = here[0] * there[0];
        for (int c = 1; c < vectors; ++c) dot = dot + here[c] * there[c];
        to[entry] = sum_of<Real, EQ_VECTOR_BYTES>(dot);
    }
}

}  // namespace equipoise::EQ_ISA
