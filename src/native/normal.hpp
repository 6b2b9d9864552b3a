// Standard normal numbers from random bits, as XLA computes jax.random.normal: u uniform on (−1, 1), then √2 erf⁻¹(u).
//
// erf⁻¹ is a polynomial in w = −log(1 − u²) (M. Giles, Approximating the erfinv function, 2010). Almost all draws have a
// small w; the others are computed one by one.
#pragma once

#include "pack.hpp"

namespace equipoise::EQ_ISA {

template <class Real>
struct Giles;

template <>
struct Giles<double> {
    typedef uint64_t Bits;
    static constexpr double central_end = 6.25, central_shift = 3.125;
    static constexpr double central[] = {
        -3.6444120640178196996e-21, -1.685059138182016589e-19,  1.2858480715256400167e-18,  1.115787767802518096e-17,
        -1.333171662854620906e-16,  2.0972767875968561637e-17,  6.6376381343583238325e-15,  -4.0545662729752068639e-14,
        -8.1519341976054721522e-14, 2.6335093153082322977e-12,  -1.2975133253453532498e-11, -5.4154120542946279317e-11,
        1.051212273321532285e-09,   -4.1126339803469836976e-09, -2.9070369957882005086e-08, 4.2347877827932403518e-07,
        -1.3654692000834678645e-06, -1.3882523362786468719e-05, 0.0001867342080340571352,   -0.00074070253416626697512,
        -0.0060336708714301490533,  0.24015818242558961693,     1.6536545626831027356};
    static constexpr double middle_end = 16.0, middle_shift = 3.25;
    static constexpr double middle[] = {
        2.2137376921775787049e-09,  9.0756561938885390979e-08, -2.7517406297064545428e-07, 1.8239629214389227755e-08,
        1.5027403968909827627e-06,  -4.013867526981545969e-06, 2.9234449089955446044e-06,  1.2475304481671778723e-05,
        -4.7318229009055733981e-05, 6.8284851459573175448e-05, 2.4031110387097893999e-05,  -0.0003550375203628474796,
        0.00095328937973738049703,  -0.0016882755560235047313, 0.0024914420961078508066,   -0.0037512085075692412107,
        0.005370914553590063617,    1.0052589676941592334,     3.0838856104922207635};
    static constexpr double last_shift = 5.0;
    static constexpr double last[] = {
        -2.7109920616438573243e-11, -2.5556418169965252055e-10, 1.5076572693500548083e-09, -3.7894654401267369937e-09,
        7.6157012080783393804e-09,  -1.4960026627149240478e-08, 2.9147953450901080826e-08, -6.7711997758452339498e-08,
        2.2900482228026654717e-07,  -9.9298272942317002539e-07, 4.5260625972231537039e-06, -1.9681778105531670567e-05,
        7.5995277030017761139e-05,  -0.00021503011930044477347, -0.00013871931833623122026, 1.0103004648645343977,
        4.8499064014085844221};
    static constexpr double least = -0x1.fffffffffffffp-1;  // the number after −1
    static constexpr double root_two = 1.41421356237309504880;
};

template <>
struct Giles<float> {
    typedef uint32_t Bits;
    static constexpr float central_end = 5.0f, central_shift = 2.5f;
    static constexpr float central[] = {2.81022636e-08f,  3.43273939e-07f,  -3.5233877e-06f, -4.39150654e-06f, 0.00021858087f,
                                        -0.00125372503f, -0.00417768164f, 0.246640727f,    1.50140941f};
    static constexpr float last_shift = 3.0f;
    static constexpr float last[] = {-0.000200214257f, 0.000100950558f, 0.00134934322f, -0.00367342844f, 0.00573950773f,
                                     -0.0076224613f,   0.00943887047f,  1.00167406f,    2.83297682f};
    static constexpr float least = -0x1.fffffep-1f;
    static constexpr float root_two = 1.41421356237309504880f;
};

template <class Real, int many, int terms>
EQ_INLINE Pack<Real, many> horner(const Real (&coefficients)[terms], Pack<Real, many> w) {
    Pack<Real, many> p = all<many>(coefficients[0]);
    _Pragma("GCC unroll 32") for (int i = 1; i < terms; ++i) p = p * w + all<many>(coefficients[i]);
    return p;
}

template <class Real, int terms>
EQ_INLINE Real horner_one(const Real (&coefficients)[terms], Real w) {
    Real p = coefficients[0];
    for (int i = 1; i < terms; ++i) p = p * w + coefficients[i];
    return p;
}

// u uniform on (−1, 1): the leading bits as a number in [1, 2), minus 1, times 2, minus 1.
EQ_INLINE Vector<double> from_one_to_two(Vector<uint64_t> bits) { return (Vector<double>)((bits >> 12) | 0x3ff0000000000000u); }

template <int many>
EQ_INLINE Pack<double, many> spread(Pack<double, many> u) {
    return (u - all<many>(1.0)) * all<many>(2.0) + all<many>(Giles<double>::least);
}

template <int many>
EQ_INLINE Pack<double, many> uniform(const uint32_t* high, const uint32_t* low, double) {
    constexpr int width = Lanes<double>::width;
    typedef typename VectorOf<uint32_t, width * 4>::type Half;
    typedef Vector<uint64_t> Whole;
    Pack<double, many> u;
    EQ_EACH(double, many, k) {
        Whole upper = __builtin_convertvector(reinterpret_cast<const Half*>(high)[k], Whole);
        Whole lower = __builtin_convertvector(reinterpret_cast<const Half*>(low)[k], Whole);
        u.v[k] = from_one_to_two((upper << 32) | lower);
    }
    return spread(u);
}

// The same of words that alternate between two packs, which needs no conversion.
template <int many>
EQ_INLINE Pack<double, many> uniform_in_turn(const uint32_t* high, const uint32_t* low, double) {
    constexpr int vectors = Lanes<double>::vectors;
    constexpr uint64_t second = 0xffffffff00000000u;  // of two words
    static_assert(many % 2 == 0);
    Pack<double, many> u;
    _Pragma("GCC unroll 8") for (int k = 0; k < many / 2 * vectors; ++k) {
        const Vector<uint64_t> h = reinterpret_cast<const Vector<uint64_t>*>(high)[k];
        const Vector<uint64_t> l = reinterpret_cast<const Vector<uint64_t>*>(low)[k];
        const int place = k / vectors * 2 * vectors + k % vectors;
        u.v[place] = from_one_to_two((h << 32) | (l & ~second));
        u.v[place + vectors] = from_one_to_two((h & second) | (l >> 32));
    }
    return spread(u);
}

template <int many>
EQ_INLINE Pack<float, many> uniform(const uint32_t* high, const uint32_t* low, float) {
    Pack<float, many> u;
    EQ_EACH(float, many, k) {
        Vector<uint32_t> bits = reinterpret_cast<const Vector<uint32_t>*>(high)[k] ^
                                reinterpret_cast<const Vector<uint32_t>*>(low)[k];
        bits = (bits >> 9) | 0x3f800000u;
        u.v[k] = (Vector<float>)bits - 1.0f;
    }
    return u * all<many>(2.0f) + all<many>(Giles<float>::least);
}

template <int many>
EQ_INLINE Pack<float, many> uniform_in_turn(const uint32_t* high, const uint32_t* low, float) {
    return uniform<many>(high, low, float());
}

// What the logarithm needs of a format: t = 2^k (1 + f) with 1 + f in [√½, √2), and log(1 + f) by the series of artanh.
template <class Real>
struct Logarithm;

template <>
struct Logarithm<double> {
    typedef uint64_t Bits;
    static constexpr Bits root_half = 0x3fe6a09e667f3bcdu, raise = 0x4000000000000000u, whole = 0x4330000000000000u;
    static constexpr int fraction = 52, bias = 1024;
    static constexpr double whole_zero = 4503599627370496.0;  // the number whose bits are `whole`
    static constexpr double two_high = 6.93147180369123816490e-01, two_low = 1.90821492927058770002e-10;
    static constexpr double series[] = {1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01,
                                        2.222219843214978396e-01, 2.857142874366239149e-01, 3.999999999940941908e-01,
                                        6.666666666666735130e-01};
};

template <>
struct Logarithm<float> {
    typedef uint32_t Bits;
    static constexpr Bits root_half = 0x3f3504f3u, raise = 0x40000000u, whole = 0x4b000000u;
    static constexpr int fraction = 23, bias = 128;
    static constexpr float whole_zero = 8388608.0f;
    static constexpr float two_high = 6.9313812256e-01f, two_low = 9.0580006145e-06f;
    static constexpr float series[] = {0x1.f13c4cp-3f, 0x1.23d3dcp-2f, 0x1.999c26p-2f, 0x1.555554p-1f};
};

// −log t for 0 < t ≤ 1.
template <class Real, int many>
EQ_INLINE Pack<Real, many> minus_log(Pack<Real, many> t) {
    typedef Logarithm<Real> L;
    typedef Vector<typename L::Bits> Bits;
    Pack<Real, many> k, f;
    EQ_EACH(Real, many, i) {
        const Bits bits = (Bits)t.v[i];
        const Bits exponent = (bits - L::root_half + L::raise) >> L::fraction;  // k + bias
        k.v[i] = (Vector<Real>)(exponent | L::whole) - (L::whole_zero + Real(L::bias));
        f.v[i] = (Vector<Real>)(bits - ((exponent - typename L::Bits(L::bias)) << L::fraction)) - Real(1);
    }
    const Pack<Real, many> s = f / (f + all<many>(Real(2))), z = s * s, half = all<many>(Real(0.5)) * f * f;
    const Pack<Real, many> rest = s * (half + z * horner(L::series, z)), low = k * all<many>(L::two_low);
    return all<many>(-L::two_high) * k - ((f - half) + (rest + low));
}

// √2 erf⁻¹(u) where w is beyond the central range.
static double tail(double u, double w) {
    if (!(w < 1e300)) return u * __builtin_inf();
    const bool middle = w < Giles<double>::middle_end;
    const double root = __builtin_sqrt(w);
    const double p = middle ? horner_one(Giles<double>::middle, root - Giles<double>::middle_shift)
                            : horner_one(Giles<double>::last, root - Giles<double>::last_shift);
    return Giles<double>::root_two * (p * u);
}

static float tail(float u, float w) {
    if (!(w < 1e30f)) return u * __builtin_inff();
    return Giles<float>::root_two * (horner_one(Giles<float>::last, __builtin_sqrtf(w) - Giles<float>::last_shift) * u);
}

}  // namespace equipoise::EQ_ISA
