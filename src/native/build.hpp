// One build of the code for an instruction set, and the choice among the builds.
#pragma once

#include "ensemble.hpp"
#include "observed.hpp"

namespace equipoise {

// The functions that exist in both precisions.
template <class Real>
struct Functions {
    int lanes;  // replicates side by side
    int vector_width;  // numbers in a vector
    int64_t (*work)(const Experiment<Real>&);
    void (*advance)(const Experiment<Real>&, const Group<Real>&);
    int64_t (*law_work)(const Reduced<Real>&);
    void (*law_advance)(const Reduced<Real>&, const Group<Real>&);
    void (*normals)(const uint32_t* key, int64_t first, int64_t count, Real* to);
    void (*entry_rows)(const Observed<Real>&, int first, int last, const Real* x, const Real* y, Real* residual, Real* gradient);
    void (*entry_products)(
        const int32_t* rows, const int32_t* columns, int vectors, int64_t first, int64_t last, const Real* x, const Real* y,
        Real* to
    );
    void (*perturb)(
        const uint32_t* key, int64_t step, int64_t before, int width, int padded, Real deviation, int first, int last,
        const Real* from, Real* to
    );
    Real (*move)(const Real* from, Real step, int64_t first, int64_t last, Real* to);
};

struct Build {
    const char* name;
    Functions<double> in_double;
    Functions<float> in_float;

    const Functions<double>& functions(double) const { return in_double; }
    const Functions<float>& functions(float) const { return in_float; }
};

// The best build that this processor can run, or the one asked for by name if it can; null if it cannot.
const Build* build_for(const char* name);

}  // namespace equipoise
