// The steps of a factor whose rows are padded to whole vectors: its noise, and its move along the gradient.
#pragma once

#include "draws.hpp"

namespace equipoise::EQ_ISA {

// The rows `first` … `last` − 1 of  to = from + deviation · z. The numbers z are those of step number `step` of the replicate
// whose key this is: row by row, without the padding, after `before` numbers of another factor.
template <class Real>
static void perturbed_rows(
    const uint32_t* key, int64_t step, int64_t before, int width, int padded, Real deviation, int first, int last,
    const Real* from, Real* to
) {
    constexpr int size = BLOCK * Lanes<Real>::count;
    Real z[size];
    uint32_t high[1] = {0}, low[1] = {uint32_t(step)};
    threefry(key[0], key[1], high, low);
    const uint32_t now[] = {high[0], low[0]};
    int64_t place = int64_t(first) * width, end = int64_t(last) * width;
    int row = first, column = 0;
    while (place < end) {
        const int count = end - place < size ? int(end - place) : size;
        normals_of(now, before + place, count, z);
        for (int used = 0; used < count;) {
            const int part = width - column < count - used ? width - column : count - used;
            const int64_t there = int64_t(row) * padded + column;
            for (int i = 0; i < part; ++i) to[there + i] = from[there + i] + deviation * z[used + i];
            used += part;
            column += part;
            if (column == width) {
                column = 0;
                ++row;
            }
        }
        place += count;
    }
}

// The numbers `first` … `last` − 1, whole vectors, of  to = from − step · to, which held the gradient; returns Σ |to|.
template <class Real>
static Real moved(const Real* from, Real step, int64_t first, int64_t last, Real* to) {
    typedef Vector<Real> V;
    constexpr int width = Lanes<Real>::width;
    V size = V{};
    for (int64_t i = first / width; i < last / width; ++i) {
        V& now = reinterpret_cast<V*>(to)[i];
        now = reinterpret_cast<const V*>(from)[i] - step * now;
        size = size + (now < 0 ? -now : now);
    }
    return sum_of<Real, EQ_VECTOR_BYTES>(size);
}

}  // namespace equipoise::EQ_ISA
