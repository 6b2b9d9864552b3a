// Packs: the same number of a fixed count of replicates side by side, as SIMD vectors of the width of this build.
//
// This header is compiled once for each instruction set, each time in a namespace of its own. It uses nothing of the
// standard library, since the linker may keep any one copy of an inline function, also one this processor cannot run.
#pragma once

#include <stdint.h>

#ifndef EQ_ISA
#error "EQ_ISA names the namespace of this build"
#endif
#ifndef EQ_VECTOR_BYTES
#define EQ_VECTOR_BYTES 16
#endif

#define EQ_INLINE static inline __attribute__((always_inline))

namespace equipoise::EQ_ISA {

constexpr int PACK_BYTES = 64;

template <class Real>
struct Lanes {
    static constexpr int count = PACK_BYTES / int(sizeof(Real));  // replicates in a pack
    static constexpr int width = EQ_VECTOR_BYTES / int(sizeof(Real));  // of them in one vector
    static constexpr int vectors = count / width;
};

template <class T, int bytes>
struct VectorOf {
    typedef T type __attribute__((vector_size(bytes), may_alias));
};

template <class T>
using Vector = typename VectorOf<T, EQ_VECTOR_BYTES>::type;

// `many` consecutive packs: long chains of dependent operations run side by side, since each waits for its own results.
template <class Real, int many = 1>
struct Pack {
    Vector<Real> v[many * Lanes<Real>::vectors];
};

#define EQ_EACH(Real, many, k) _Pragma("GCC unroll 8") for (int k = 0; k < many * Lanes<Real>::vectors; ++k)

template <int many = 1, class Real>
EQ_INLINE Pack<Real, many> load(const Real* from) {
    Pack<Real, many> p;
    EQ_EACH(Real, many, k) p.v[k] = reinterpret_cast<const Vector<Real>*>(from)[k];
    return p;
}

template <class Real, int many>
EQ_INLINE void store(Real* to, Pack<Real, many> p) {
    EQ_EACH(Real, many, k) reinterpret_cast<Vector<Real>*>(to)[k] = p.v[k];
}

template <int many = 1, class Real>
EQ_INLINE Pack<Real, many> all(Real value) {
    Pack<Real, many> p;
    EQ_EACH(Real, many, k) p.v[k] = Vector<Real>{} + value;
    return p;
}

template <class Real, int many>
EQ_INLINE Pack<Real, many> operator+(Pack<Real, many> a, Pack<Real, many> b) {
    EQ_EACH(Real, many, k) a.v[k] = a.v[k] + b.v[k];
    return a;
}

template <class Real, int many>
EQ_INLINE Pack<Real, many> operator-(Pack<Real, many> a, Pack<Real, many> b) {
    EQ_EACH(Real, many, k) a.v[k] = a.v[k] - b.v[k];
    return a;
}

template <class Real, int many>
EQ_INLINE Pack<Real, many> operator*(Pack<Real, many> a, Pack<Real, many> b) {
    EQ_EACH(Real, many, k) a.v[k] = a.v[k] * b.v[k];
    return a;
}

template <class Real, int many>
EQ_INLINE Pack<Real, many> operator/(Pack<Real, many> a, Pack<Real, many> b) {
    EQ_EACH(Real, many, k) a.v[k] = a.v[k] / b.v[k];
    return a;
}

template <class Real, int many>
EQ_INLINE Pack<Real, many> larger(Pack<Real, many> a, Pack<Real, many> b) {
    EQ_EACH(Real, many, k) a.v[k] = a.v[k] > b.v[k] ? a.v[k] : b.v[k];
    return a;
}

// An unsigned word of the size of a number.
template <class Real>
struct BitsOf {
    typedef uint64_t type;
};

template <>
struct BitsOf<float> {
    typedef uint32_t type;
};

template <class Real, int many>
EQ_INLINE Pack<Real, many> magnitude(Pack<Real, many> a) {
    typedef typename BitsOf<Real>::type Bits;
    EQ_EACH(Real, many, k) a.v[k] = (Vector<Real>)((Vector<Bits>)a.v[k] & (~Bits(0) >> 1));
    return a;
}

// Two packs as one.
template <class Real>
EQ_INLINE Pack<Real, 2> beside(Pack<Real> a, Pack<Real> b) {
    constexpr int each = Lanes<Real>::vectors;
    Pack<Real, 2> both;
    EQ_EACH(Real, 1, k) both.v[k] = a.v[k];
    EQ_EACH(Real, 1, k) both.v[k + each] = b.v[k];
    return both;
}

template <class Real, int many>
EQ_INLINE Pack<Real, many> square_root(Pack<Real, many> a) {
    alignas(PACK_BYTES) Real one_by_one[many * Lanes<Real>::count];
    store(one_by_one, a);
    for (int i = 0; i < many * Lanes<Real>::count; ++i)
        one_by_one[i] = sizeof(Real) == 4 ? Real(__builtin_sqrtf(float(one_by_one[i]))) : Real(__builtin_sqrt(one_by_one[i]));
    return load<many>(one_by_one);
}

// `yes` where a < 0, else `no`.
template <class Real, int many>
EQ_INLINE Pack<Real, many> where_negative(Pack<Real, many> a, Pack<Real, many> yes, Pack<Real, many> no) {
    EQ_EACH(Real, many, k) a.v[k] = a.v[k] < 0 ? yes.v[k] : no.v[k];
    return a;
}

// Whether no number is above the limit, or not a number.
template <class Real, int many>
EQ_INLINE bool all_at_most(Pack<Real, many> a, Real limit) {
    Vector<uint64_t> every = ~Vector<uint64_t>{};
    EQ_EACH(Real, many, k) every &= (Vector<uint64_t>)(a.v[k] <= limit);
    uint64_t both = every[0];
    _Pragma("GCC unroll 8") for (int i = 1; i < EQ_VECTOR_BYTES / 8; ++i) both &= every[i];
    return both == ~uint64_t(0);
}

template <class Real>
EQ_INLINE Real at(const Pack<Real>& a, int lane) {
    return reinterpret_cast<const Real*>(&a)[lane];
}

// Forbids the compiler to fuse the product that `a` holds with what follows.
template <class Real, int many>
EQ_INLINE Pack<Real, many> rounded(Pack<Real, many> a) {
    EQ_EACH(Real, many, k) __asm__("" : "+x"(a.v[k]));
    return a;
}

}  // namespace equipoise::EQ_ISA
