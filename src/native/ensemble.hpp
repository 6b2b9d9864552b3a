// What an ensemble of replicates of (perturbed) gradient descent on c/2 ‖XYᵀ − M‖² needs, in plain numbers.
#pragma once

#include <stdint.h>

namespace equipoise {

// A matrix by its rows: row i has the entries start[i] … start[i + 1] of columns and values. If it is dense, columns is
// null and every row has all columns.
template <class Real>
struct Rows {
    const int64_t* start;
    const int32_t* columns;
    const Real* values;
    int rows, width;
};

// M = product of `stages` matrices, of which the last is applied first; one stage for a matrix by its entries, two for LRᵀ.
template <class Real>
struct Target {
    Rows<Real> forward[2], backward[2];  // M V and Mᵀ U
    int stages;
};

// d1, d2, rank: X is d1 × rank, Y is d2 × rank. factor: c. step_sizes, deviations: of X and Y for each of `cases` cases, at
// each of `count` steps, or at all of them if `varying` is 0. deviations is null without noise. limit: the largest sum of magnitudes of a factor.
// visits: how many steps are taken before each of `looks` looks, in order; the last is `count`. stride_x, stride_y: between
// the positions of a replicate at two looks.
template <class Real>
struct Experiment {
    int d1, d2, rank;
    Real factor;
    Target<Real> target;
    const Real* step_sizes;
    const Real* deviations;
    int64_t varying_steps, varying_deviations, cases;
    int64_t first, count;
    const int64_t* visits;
    int64_t looks, stride_x, stride_y;
    double limit;
};

// The length of a normal vector as a function of one normal number z: the coefficients of polynomials in |z| up to `inner`
// and from there to `outer`, the highest first (chi.py).
template <class Real>
struct Lengths {
    const Real* pieces;  // 4 x terms: inner and outer for z ≥ 0, inner and outer for z < 0; null without further dimensions
    int terms;
    Real inner, outer;
};

// An experiment of rank 1 in reduced coordinates, of which it has d1 and d2, and no target: M is diagonal, with the `on`
// singular values first, and each factor has one more coordinate or none. further: what noise adds beyond X and Y.
template <class Real>
struct Reduced {
    Experiment<Real> experiment;
    const Real* singular_values;
    int on;
    Lengths<Real> further[2];
};

// The replicates that one task advances together, at most as many as a pack has lanes. x, y: for each of them its factors,
// read and written in place; seen_x, seen_y: where its position at the first look goes; keys: two words each; of_case: the case of its numbers; ended: the
// number of the step after which it diverged, else −1.
// work: scratch memory of `work_size` numbers, aligned to 64 bytes. stop: set to 1 from outside to end early.
template <class Real>
struct Group {
    int replicates;
    Real* const* x;
    Real* const* y;
    Real* const* seen_x;
    Real* const* seen_y;
    const uint32_t* keys;
    const int64_t* of_case;
    int64_t* ended;
    Real* work;
    const volatile int* stop;
};

}  // namespace equipoise
