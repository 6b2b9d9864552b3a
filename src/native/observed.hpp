// The known entries of a matrix, by its rows or by its columns.
#pragma once

#include <stdint.h>

namespace equipoise {

// Row i has the entries start[i] … start[i + 1], in the columns `others`. values: in the same order; null if the residuals are
// known. vectors: of a row of a factor.
template <class Real>
struct Observed {
    const int64_t* start;
    const int32_t* others;
    const Real* values;
    int rows, vectors;
};

// What the descent of one replicate on c/2 Σ (x_i·y_j − value)² needs, in plain numbers. The entries by rows and by columns,
// both with their values. width: of the factors, without padding. factor: c. step_sizes, deviations: of X and Y for each
// of `cases` at each step, or at all of them if `varying` is 0; deviations is null without noise. first: the number of the first step. limit:
// the largest sum of magnitudes of a factor. visits: how many steps are taken before each of `looks` looks, in order.
// stride_x, stride_y: between the positions of a replicate at two looks.
template <class Real>
struct Completion {
    Observed<Real> by_rows, by_columns;
    int width;
    Real factor;
    const Real* step_sizes;
    const Real* deviations;
    int64_t varying_steps, varying_deviations;
    int64_t first, cases;
    const int64_t* visits;
    int64_t looks, stride_x, stride_y;
    double limit;
};

}  // namespace equipoise
