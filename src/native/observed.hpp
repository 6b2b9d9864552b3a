// The known entries of a matrix, by its rows or by its columns.
#pragma once

#include <stdint.h>

namespace equipoise {

// Row i has the entries start[i] … start[i + 1], in the columns `others`. By rows, their values come in this order; by
// columns, values is null and the residual of an entry lies at its place in the order by rows. vectors: of a row of a factor.
template <class Real>
struct Observed {
    const int64_t* start;
    const int32_t* others;
    const Real* values;
    const int64_t* places;
    int rows, vectors;
};

}  // namespace equipoise
