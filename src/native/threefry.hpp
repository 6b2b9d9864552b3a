// Threefry-2x32 with 20 rounds (J. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011).
#pragma once

#include "pack.hpp"

namespace equipoise::EQ_ISA {

template <class Word>
EQ_INLINE Word rotated(Word x, int by) {
    return (x << by) | (x >> (32 - by));
}

#define EQ_ALL(n) _Pragma("GCC unroll 8") for (int n = 0; n < many; ++n)

// Encrypts the counters (x0[n], x1[n]) in place, side by side; Word is uint32_t or a vector of them.
template <class Word, int many>
EQ_INLINE void threefry(Word k0, Word k1, Word (&x0)[many], Word (&x1)[many]) {
    constexpr int turns[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
    const Word keys[3] = {k0, k1, k0 ^ k1 ^ 0x1BD11BDAu};
    EQ_ALL(n) x0[n] += keys[0];
    EQ_ALL(n) x1[n] += keys[1];
    _Pragma("GCC unroll 5") for (int i = 0; i < 5; ++i) {
        _Pragma("GCC unroll 4") for (int j = 0; j < 4; ++j) {
            EQ_ALL(n) x0[n] += x1[n];
            EQ_ALL(n) x1[n] = rotated(x1[n], turns[i % 2][j]);
            EQ_ALL(n) x1[n] ^= x0[n];
        }
        const Word first = keys[(i + 1) % 3], second = keys[(i + 2) % 3] + uint32_t(i + 1);
        EQ_ALL(n) x0[n] += first;
        EQ_ALL(n) x1[n] += second;
    }
}

// The number of words of which the keys of the lanes are given, repeated if there are fewer lanes.
constexpr int KEY_WORDS = PACK_BYTES / 4;

// The bits of `entries` consecutive numbers from number `first` on: those of all lanes side by side, then the next number.
template <int lanes, int entries>
EQ_INLINE void random_bits(const uint32_t* k0, const uint32_t* k1, uint32_t first, uint32_t* high, uint32_t* low) {
    typedef Vector<uint32_t> Words;
    constexpr int width = EQ_VECTOR_BYTES / 4, turn = KEY_WORDS / width, many = 4;  // after `turn` vectors keys repeat
    constexpr int vectors = lanes * entries / width;
    static_assert(vectors % (turn * many) == 0);
    Words number;
    for (int j = 0; j < width; ++j) number[j] = uint32_t(j / lanes);
    for (int place = 0; place < turn; ++place) {
        const Words key0 = reinterpret_cast<const Words*>(k0)[place], key1 = reinterpret_cast<const Words*>(k1)[place];
        for (int i = place; i < vectors; i += turn * many) {
            Words x0[many], x1[many];
            EQ_ALL(n) x0[n] = Words{};
            EQ_ALL(n) x1[n] = number + (first + uint32_t((i + n * turn) * width / lanes));
            threefry(key0, key1, x0, x1);
            EQ_ALL(n) reinterpret_cast<Words*>(high)[i + n * turn] = x0[n];
            EQ_ALL(n) reinterpret_cast<Words*>(low)[i + n * turn] = x1[n];
        }
    }
}

// The bits of the numbers `first` … of which each key has its own, as many for each as there are words of keys; two numbers
// are drawn side by side, so there must be room for an even count.
EQ_INLINE void step_bits(const uint32_t* k0, const uint32_t* k1, uint32_t first, int numbers, uint32_t* high, uint32_t* low) {
    typedef Vector<uint32_t> Words;
    constexpr int turn = KEY_WORDS * 4 / EQ_VECTOR_BYTES, many = 2;
    for (int place = 0; place < turn; ++place) {
        const Words key0 = reinterpret_cast<const Words*>(k0)[place], key1 = reinterpret_cast<const Words*>(k1)[place];
        for (int i = 0; i < numbers; i += many) {
            Words x0[many], x1[many];
            EQ_ALL(n) x0[n] = Words{};
            EQ_ALL(n) x1[n] = Words{} + (first + uint32_t(i + n));
            threefry(key0, key1, x0, x1);
            EQ_ALL(n) reinterpret_cast<Words*>(high)[(i + n) * turn + place] = x0[n];
            EQ_ALL(n) reinterpret_cast<Words*>(low)[(i + n) * turn + place] = x1[n];
        }
    }
}

}  // namespace equipoise::EQ_ISA
