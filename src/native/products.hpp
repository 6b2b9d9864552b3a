// Products of thin matrices whose entries are packs: the same small matrix of each replicate, side by side.
//
// Registers hold a tile of the result. The tile is as large as the registers of the instruction set allow.
#pragma once

#include "ensemble.hpp"
#include "pack.hpp"

namespace equipoise::EQ_ISA {

constexpr int TILE = PACK_BYTES / EQ_VECTOR_BYTES == 1 ? 4 : 2;

// gram[a][b] = Σ_i p[i][a] p[i][b] on a tile, and the same with a and b exchanged.
template <class Real, int A, int B>
EQ_INLINE void gram_tile(const Real* p, int rows, int rank, int a, int b, Real* gram) {
    constexpr int lanes = Lanes<Real>::count;
    Pack<Real> sum[A][B];
    for (int i = 0; i < A; ++i)
        for (int j = 0; j < B; ++j) sum[i][j] = all(Real(0));
    for (int row = 0; row < rows; ++row) {
        const Real* here = p + int64_t(row) * rank * lanes;
        Pack<Real> right[B];
        for (int j = 0; j < B; ++j) right[j] = load(here + (b + j) * lanes);
        for (int i = 0; i < A; ++i) {
            const Pack<Real> left = load(here + (a + i) * lanes);
            for (int j = 0; j < B; ++j) sum[i][j] = sum[i][j] + left * right[j];
        }
    }
    for (int i = 0; i < A; ++i)
        for (int j = 0; j < B; ++j) {
            store(gram + ((a + i) * rank + b + j) * lanes, sum[i][j]);
            store(gram + ((b + j) * rank + a + i) * lanes, sum[i][j]);
        }
}

template <class Real>
EQ_INLINE void gram_of(const Real* p, int rows, int rank, Real* gram) {
    for (int a = 0; a < rank; a += TILE)
        for (int b = a; b < rank; b += TILE) {
            if (a + TILE <= rank && b + TILE <= rank) {
                gram_tile<Real, TILE, TILE>(p, rows, rank, a, b, gram);
                continue;
            }
            for (int i = a; i < a + TILE && i < rank; ++i)
                for (int j = b; j < b + TILE && j < rank; ++j) gram_tile<Real, 1, 1>(p, rows, rank, i, j, gram);
        }
}

// Rows of a result that are computed together: each is a chain of additions that wait for each other.
template <int B>
constexpr int ROWS = TILE * TILE / B < 4 ? TILE * TILE / B : 4;

// B columns, from b on, of a row of M V: from the entries of the row, of which each meets a row of V.
template <class Real, int B>
EQ_INLINE void row_times(const Rows<Real>& m, int row, const Real* v, int rank, int b, Pack<Real> (&sum)[B]) {
    constexpr int lanes = Lanes<Real>::count;
    for (int j = 0; j < B; ++j) sum[j] = all(Real(0));
    for (int64_t entry = m.start[row]; entry < m.start[row + 1]; ++entry) {
        const Real* there = v + (int64_t(m.columns[entry]) * rank + b) * lanes;
        const Pack<Real> value = all(m.values[entry]);
        for (int j = 0; j < B; ++j) sum[j] = sum[j] + value * load(there + j * lanes);
    }
}

// The same for R rows from `row` on; those of a dense matrix meet each row of V together.
template <class Real, int R, int B>
EQ_INLINE void rows_times(const Rows<Real>& m, int row, const Real* v, int rank, int b, Pack<Real> (&sum)[R][B]) {
    constexpr int lanes = Lanes<Real>::count;
    if (m.columns) {
        for (int i = 0; i < R; ++i) row_times<Real, B>(m, row + i, v, rank, b, sum[i]);
        return;
    }
    for (int i = 0; i < R; ++i)
        for (int j = 0; j < B; ++j) sum[i][j] = all(Real(0));
    const Real* values = m.values + int64_t(row) * m.width;
    for (int column = 0; column < m.width; ++column) {
        const Real* there = v + (int64_t(column) * rank + b) * lanes;
        Pack<Real> right[B];
        for (int j = 0; j < B; ++j) right[j] = load(there + j * lanes);
        for (int i = 0; i < R; ++i) {
            const Pack<Real> value = all(values[int64_t(i) * m.width + column]);
            for (int j = 0; j < B; ++j) sum[i][j] = sum[i][j] + value * right[j];
        }
    }
}

// B columns of R rows of to = M V.
template <class Real, int R, int B>
EQ_INLINE void product_rows(const Rows<Real>& m, int row, const Real* v, int rank, int b, Real* to) {
    Pack<Real> sum[R][B];
    rows_times<Real, R, B>(m, row, v, rank, b, sum);
    for (int i = 0; i < R; ++i)
        for (int j = 0; j < B; ++j) store(to + (int64_t(row + i) * rank + b + j) * Lanes<Real>::count, sum[i][j]);
}

template <class Real, int B>
EQ_INLINE void product_columns(const Rows<Real>& m, const Real* v, int rank, int b, Real* to) {
    int row = 0;
    for (; row + ROWS<B> <= m.rows; row += ROWS<B>) product_rows<Real, ROWS<B>, B>(m, row, v, rank, b, to);
    for (; row < m.rows; ++row) product_rows<Real, 1, B>(m, row, v, rank, b, to);
}

// to = M V.
template <class Real>
EQ_INLINE void product(const Rows<Real>& m, const Real* v, int rank, Real* to) {
    int b = 0;
    for (; b + TILE <= rank; b += TILE) product_columns<Real, TILE>(m, v, rank, b, to);
    for (; b < rank; ++b) product_columns<Real, 1>(m, v, rank, b, to);
}

// B columns of R rows of  to = w − η (P gram − T V)  for one factor, where T is the stage of the target that is applied last.
template <class Real, int R, int B>
EQ_INLINE void update_rows(
    const Rows<Real>& m, int row, const Real* v, const Real* p, const Real* gram, const Real* w, int rank, int b,
    Pack<Real> step, Real* to, Pack<Real>& size
) {
    constexpr int lanes = Lanes<Real>::count;
    Pack<Real> target[R][B];
    rows_times<Real, R, B>(m, row, v, rank, b, target);
    for (int i = 0; i < R; ++i) {
        Pack<Real> sum[B];
        for (int j = 0; j < B; ++j) sum[j] = all(Real(0));
        const Real* here = p + int64_t(row + i) * rank * lanes;
        for (int a = 0; a < rank; ++a) {
            const Pack<Real> left = load(here + a * lanes);
            for (int j = 0; j < B; ++j) sum[j] = sum[j] + left * load(gram + (a * rank + b + j) * lanes);
        }
        for (int j = 0; j < B; ++j) {
            const int64_t place = (int64_t(row + i) * rank + b + j) * lanes;
            const Pack<Real> moved = load(w + place) - step * (sum[j] - target[i][j]);
            size = size + magnitude(moved);
            store(to + place, moved);
        }
    }
}

template <class Real, int B>
EQ_INLINE void update_columns(
    const Rows<Real>& m, const Real* v, const Real* p, const Real* gram, const Real* w, int rank, int b, Pack<Real> step,
    Real* to, Pack<Real>& size
) {
    int row = 0;
    for (; row + ROWS<B> <= m.rows; row += ROWS<B>)
        update_rows<Real, ROWS<B>, B>(m, row, v, p, gram, w, rank, b, step, to, size);
    for (; row < m.rows; ++row) update_rows<Real, 1, B>(m, row, v, p, gram, w, rank, b, step, to, size);
}

// to = w − step (P gram − T V); returns the sum of magnitudes.
template <class Real>
EQ_INLINE Pack<Real> update(
    const Rows<Real>& m, const Real* v, const Real* p, const Real* gram, const Real* w, int rank, Pack<Real> step, Real* to
) {
    Pack<Real> size = all(Real(0));
    int b = 0;
    for (; b + TILE <= rank; b += TILE) update_columns<Real, TILE>(m, v, p, gram, w, rank, b, step, to, size);
    for (; b < rank; ++b) update_columns<Real, 1>(m, v, p, gram, w, rank, b, step, to, size);
    return size;
}

}  // namespace equipoise::EQ_ISA
